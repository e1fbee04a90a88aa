import { type Place, decodeCursor, encodeCursor, isBelow } from '#libs/mailbox'

/** One page of one bot: entries at their places, the latest first, and where it ends if there is more. */
export interface BotPage<T> {
  bot: string
  entries: { place: Place; value: T }[]
  end?: Place
}

export interface Merged<T> {
  values: T[]
  /** Where the next page begins. */
  end?: Place
}

/** After everything that can stand in a set: UTF-8's last character. */
const last = '\u{10ffff}'

/**
 * One list of several bots' pages, the latest first. A place of it names the bot too: `bot member`; at one time the bots
 * stand in the order of their names, the last first.
 */
export function mergePages<T>(pages: BotPage<T>[], limit: number): Merged<T> {
  const entries = pages.flatMap(({ bot, entries: own }) =>
    own.map(({ place, value }) => ({ place: inAll(bot, place), value })),
  )
  entries.sort((a, b) => (isBelow(a.place, b.place) ? 1 : -1))
  // Beyond its end a bot may have more than what was read.
  const end = pages
    .flatMap(({ bot, end: own }) => (own ? [inAll(bot, own)] : []))
    .reduce<Place | undefined>((a, b) => (!a || isBelow(a, b) ? b : a), undefined)
  const sure = end ? entries.filter(({ place }) => !isBelow(place, end)) : entries
  const shown = sure.slice(0, limit)
  const next = sure.length > limit ? shown.at(-1)?.place : end
  return { values: shown.map(({ value }) => value), ...(next ? { end: next } : {}) }
}

function inAll(bot: string, { at, member }: Place): Place {
  return { at, member: `${bot} ${member}` }
}

/** Where a bot's own page begins, for the place where the list of all begins. */
export function cursorOf(bot: string, place: Place | undefined): { cursor?: string } {
  if (!place) return {}
  const [before = '', ...rest] = place.member.split(' ')
  if (bot === before) return { cursor: encodeCursor({ at: place.at, member: rest.join(' ') }) }
  // Of the bots that come later at this time nothing was shown.
  if (bot < before) return { cursor: encodeCursor({ at: place.at, member: last }) }
  return { cursor: encodeCursor({ at: place.at - 1, member: last }) }
}

/** Undefined for what is no cursor of such a list. */
export function placeOf(cursor: string): Place | undefined {
  const place = decodeCursor(cursor)
  return place?.member.includes(' ') ? place : undefined
}
