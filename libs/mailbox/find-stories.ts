import type { Story } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { botKeys } from './keys'
import { type StoryPage, decodeCursor, encodeCursor, readBelow, storiesWithIds } from './read-stories'

/** Which stories are meant; a field that is left out matches all. */
export interface StoryFilter {
  /** The conversation, exactly. */
  lane?: string
  /** A part of the user's or the conversation's id. */
  user?: string
  /** A part of what was said by either side, in any case of letters. */
  text?: string
  /** Ended at or after this time: Unix milliseconds. */
  from?: number
  /** Ended before this time: Unix milliseconds. */
  to?: number
  /** `failed`: something went wrong on the way, whatever the end. */
  outcome?: 'done' | 'parked' | 'failed'
}

export interface StoryQuery extends StoryFilter {
  bot: string
  cursor?: string
  /** Default 50. */
  limit?: number
  /** At most so many stories are looked at for one page. Default 5000. Those whose place tells that they can't match hardly count. */
  mostLooks?: number
}

export interface FoundStories extends StoryPage {
  /** It stopped here to stay quick, `cursor` goes on: what ended before this time was not looked at. Unix milliseconds. */
  searchedTo?: number
  /** How many stories were looked at. */
  looked: number
}

/** Redis and we stay quick with so many at a time. */
const batch = 250
const mostMs = 200
/** So many places are passed over for the price of one look. */
const passesPerLook = 10

/** Searches stories that have ended, the latest first, for at most about 200 ms. */
export async function findStories(redis: RedisClient, query: StoryQuery): Promise<FoundStories> {
  const { bot, limit = 50, mostLooks = 5000, lane, from = 0, to } = query
  const keys = botKeys(bot)
  const key = lane === undefined ? keys.storyTimes : keys.storyOf(lane)
  const until = performance.now() + mostMs
  const stories: Story[] = []
  let below = startOf(query.cursor, to)
  let looked = 0
  let passed = 0
  for (;;) {
    const most = Math.min(batch, mostLooks - looked)
    const places = await readBelow(redis, key, { below, from, most })
    const ids = places.map(({ member }) => (lane === undefined ? idOf(member) : member))
    const isWorthALook = places.map(({ member }) => lane !== undefined || mayBeOf(member, query.user))
    const wanted = ids.filter((_id, i) => isWorthALook[i])
    const byId = new Map((await storiesWithIds(redis, bot, wanted)).map((story) => [story.id, story]))
    for (const [i, place] of places.entries()) {
      if (isWorthALook[i]) looked += 1
      else passed += 1
      below = place
      const story = byId.get(ids[i] ?? '')
      if (!story || !matches(story, query)) continue
      stories.push(story)
      if (stories.length === limit) return { stories, looked, cursor: encodeCursor(place) }
    }
    if (places.length < most) return { stories, looked }
    if (looked + passed / passesPerLook >= mostLooks || performance.now() > until)
      return { stories, looked, ...(below ? { cursor: encodeCursor(below), searchedTo: below.at } : {}) }
  }
}

/** A member of the set of times is `id lane`. */
function idOf(member: string): string {
  return member.slice(0, member.indexOf(' '))
}

function mayBeOf(member: string, user: string | undefined): boolean {
  if (user === undefined) return true
  return laneMayBeOf(member.slice(member.indexOf(' ') + 1), user)
}

/** In a conversation with one user everything is of that user; in others what is said there has to tell. */
export function laneMayBeOf(lane: string, user: string): boolean {
  return !lane.startsWith('user:') || lane.includes(user)
}

function startOf(cursor: string | undefined, to: number | undefined) {
  const place = cursor === undefined ? undefined : decodeCursor(cursor)
  // No member is before the empty one, so this time itself is left out.
  return place ?? (to === undefined ? undefined : { at: to, member: '' })
}

/** Whether a story is meant; of times and conversation the caller sees to it. */
export function matches(story: Story, { user, text, outcome }: StoryFilter): boolean {
  if (outcome === 'failed' ? !hadFailures(story) : outcome !== undefined && story.state !== outcome)
    return false
  if (user !== undefined && !story.userId?.includes(user) && !story.lane.includes(user)) return false
  return text === undefined || says(story, text.toLowerCase())
}

function hadFailures({ failures, state, steps }: Story): boolean {
  if (failures > 0 || state === 'parked') return true
  return steps.some(({ name, code }) => (name === 'send' || name === 'api') && code !== undefined)
}

function says({ text, answers }: Story, wanted: string): boolean {
  return [text, ...answers.map((answer) => answer.text)].some((said) => said?.toLowerCase().includes(wanted))
}
