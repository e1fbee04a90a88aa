import type { Story } from '#libs/contract'
import {
  type ConversationEntry,
  type ConversationList,
  type Place,
  type StoryFilter,
  countWaiting,
  decodeCursor,
  describeConversations,
  encodeCursor,
  findStories,
  laneMayBeOf,
  placesOfAll,
  placesOfWaiting,
  waitingConversations,
} from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import type { ConversationPage, ConversationRow, OutcomeFilter } from './api-types'
import { type BotPage, cursorOf, mergePages, placeOf } from './merge-pages'
import { masked } from './story-view'

export interface ConversationQuery extends Omit<StoryFilter, 'lane' | 'outcome'> {
  bots: string[]
  outcome?: OutcomeFilter
  cursor?: string
  limit: number
}

/** One page of conversations, the latest first: all, or those in which something matches. */
export async function searchConversations(
  redis: RedisClient,
  query: ConversationQuery,
): Promise<ConversationPage> {
  const { outcome, user, text, from, to } = query
  // Who waits is told by what waits.
  if (outcome === 'waiting' && user !== undefined) return searchWaiting(redis, query)
  if (outcome === 'waiting') return listOf(redis, query, placesOfWaiting)
  const isSearch = [outcome, user, text, from, to].some((field) => field !== undefined)
  return isSearch ? searchStories(redis, query, outcome) : listOf(redis, query, placesOfAll)
}

type Places = typeof placesOfAll

/** The places of all bots first: of fifty bots' pages one is shown, and only that is read. */
async function listOf(
  redis: RedisClient,
  query: ConversationQuery,
  placesOf: Places,
): Promise<ConversationPage> {
  const { bots, cursor, limit } = query
  const start = startOf(cursor)
  const pages = bots.map(async (bot): Promise<BotPage<LanePlace>> => {
    const { places, cursor: next } = await placesOf(redis, bot, { ...cursorOf(bot, start), limit })
    const entries = places
      .filter(({ at }) => isWithin(at, query))
      .map((place) => ({ place, value: { ...place, bot } }))
    return { bot, entries, ...endOf(next) }
  })
  const { values, end } = mergePages(await Promise.all(pages), limit)
  const described = await describeAll(redis, values)
  return { conversations: described.map(rowOf), ...(end ? { cursor: encodeCursor(end) } : {}) }
}

interface LanePlace extends Place {
  bot: string
}

async function describeAll(redis: RedisClient, places: LanePlace[]): Promise<ConversationEntry[]> {
  const bots = [...new Set(places.map(({ bot }) => bot))]
  const entries = await Promise.all(
    bots.map((bot) =>
      describeConversations(
        redis,
        bot,
        places.filter((place) => place.bot === bot),
      ),
    ),
  )
  const byName = new Map(entries.flat().map((entry) => [`${entry.bot} ${entry.lane}`, entry]))
  return places.flatMap(({ bot, member }) => byName.get(`${bot} ${member}`) ?? [])
}

async function searchWaiting(redis: RedisClient, query: ConversationQuery): Promise<ConversationPage> {
  const { bots, cursor, limit } = query
  const start = startOf(cursor)
  const pages = bots.map(async (bot) =>
    pageOf(bot, await waitingConversations(redis, bot, { ...cursorOf(bot, start), limit }), query),
  )
  const { values, end } = mergePages(await Promise.all(pages), limit)
  return { conversations: values.map(rowOf), ...(end ? { cursor: encodeCursor(end) } : {}) }
}

function pageOf(
  bot: string,
  { conversations, cursor }: ConversationList,
  query: ConversationQuery,
): BotPage<ConversationEntry> {
  const entries = conversations
    .filter((entry) => isMeant(entry, query))
    .map((value) => ({ place: { at: value.lastAt, member: value.lane }, value }))
  return { bot, entries, ...endOf(cursor) }
}

function isMeant({ lane, last, lastAt }: ConversationEntry, query: ConversationQuery): boolean {
  const { user } = query
  if (user !== undefined && !lane.includes(user) && !last?.userId?.includes(user)) return false
  return isWithin(lastAt, query)
}

function isWithin(at: number, { from = 0, to = Infinity }: ConversationQuery): boolean {
  return at >= from && at < to
}

/** So many stories are looked at for one page, whatever the number of bots. */
const mostLooks = 5000
/** Of each bot, so that a page of many bots gets on. */
const leastLooks = 20

async function searchStories(
  redis: RedisClient,
  query: ConversationQuery,
  outcome: StoryFilter['outcome'],
): Promise<ConversationPage> {
  const { bots, cursor, limit, user, text, from, to } = query
  const start = startOf(cursor)
  const filter = given({ user, text, from, to, outcome })
  const looks = { mostLooks: Math.max(leastLooks, Math.ceil(mostLooks / bots.length)) }
  const found = await Promise.all(
    bots.map((bot) => findStories(redis, { bot, ...filter, ...cursorOf(bot, start), limit, ...looks })),
  )
  const pages = found.map(({ stories, cursor: next }, i): BotPage<Story> => {
    const entries = stories.map((value) => ({
      place: { at: value.endedAt ?? 0, member: `${value.id} ${value.lane}` },
      value,
    }))
    return { bot: bots[i] ?? '', entries, ...endOf(next) }
  })
  const { values, end } = mergePages(pages, limit)
  const stopped = found.some(({ searchedTo }) => searchedTo !== undefined) && values.length < limit
  const latest = await latestPerConversation(redis, values, { filter, isFirst: start === undefined })
  const rows = await rowsOf(redis, latest)
  const early = start === undefined ? await notYetTold(redis, query, rows) : []
  return {
    conversations: [...early, ...rows],
    ...(end ? { cursor: encodeCursor(end) } : {}),
    ...(end && stopped ? { searchedTo: end.at } : {}),
  }
}

function given(filter: { [K in keyof StoryFilter]: StoryFilter[K] | undefined }): StoryFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

function startOf(cursor: string | undefined): Place | undefined {
  return cursor === undefined ? undefined : placeOf(cursor)
}

function endOf(cursor: string | undefined): { end?: Place } {
  const end = cursor === undefined ? undefined : decodeCursor(cursor)
  return end ? { end } : {}
}

/** A conversation stands once in the list: with the latest story that matches, on whichever page that is. */
async function latestPerConversation(
  redis: RedisClient,
  stories: Story[],
  { filter, isFirst }: { filter: StoryFilter; isFirst: boolean },
): Promise<Story[]> {
  const seen = new Set<string>()
  const onPage = stories.filter(({ bot, lane }) => {
    const name = `${bot} ${lane}`
    return !seen.has(name) && seen.add(name)
  })
  if (isFirst) return onPage
  const isLatest = await Promise.all(
    onPage.map(async ({ bot, lane, id, endedAt }) => {
      const later = { ...filter, from: endedAt ?? 0 }
      const { stories: own } = await findStories(redis, { ...later, bot, lane, limit: 1, mostLooks: 200 })
      return own[0] === undefined || own[0].id === id
    }),
  )
  return onPage.filter((_story, i) => isLatest[i])
}

async function rowsOf(redis: RedisClient, stories: Story[]): Promise<ConversationRow[]> {
  const bots = [...new Set(stories.map(({ bot }) => bot))]
  const counts = new Map<Story, number>()
  for (const bot of bots) {
    const own = stories.filter((story) => story.bot === bot)
    const lengths = await countWaiting(
      redis,
      bot,
      own.map(({ lane }) => lane),
    )
    own.forEach((story, i) => counts.set(story, lengths[i] ?? 0))
  }
  return stories.map((last) => {
    const { bot, lane, endedAt, storedAt } = last
    return rowOf({ bot, lane, lastAt: endedAt ?? storedAt, last, waiting: counts.get(last) ?? 0 })
  })
}

const mostEarly = 200

/** A user whose first event is still under way has no story yet, and is looked for all the more. */
async function notYetTold(
  redis: RedisClient,
  query: ConversationQuery,
  rows: ConversationRow[],
): Promise<ConversationRow[]> {
  const { bots, user, text, outcome } = query
  if (user === undefined || text !== undefined || outcome !== undefined) return []
  const known = new Set(rows.map(({ bot, lane }) => `${bot} ${lane}`))
  const lists = bots.map(async (bot) => {
    const { places } = await placesOfWaiting(redis, bot, { limit: mostEarly })
    const possible = places.filter(({ member }) => laneMayBeOf(member, user))
    return describeConversations(redis, bot, possible)
  })
  return (await Promise.all(lists))
    .flat()
    .filter((entry) => isMeant(entry, query) && entry.last?.endedAt === undefined)
    .map(rowOf)
    .filter(({ bot, lane }) => !known.has(`${bot} ${lane}`))
}

function rowOf({ bot, lane, lastAt, last, waiting }: ConversationEntry): ConversationRow {
  const base = { bot, lane, lastAt, waiting }
  if (!last) return base
  const { platform, userId, type, state, reason, text } = last
  return {
    ...base,
    platform,
    ...(userId === undefined ? {} : { userId }),
    last: {
      ...{ type, state },
      ...(reason === undefined ? {} : { reason }),
      ...(text === undefined ? {} : { text: masked(text) }),
    },
  }
}
