import type { Event } from '#libs/contract'
import type { RedisClient } from '#libs/redis'
import { deadLetterOf } from './dead-letters'
import { addStep } from './item'
import { botKeys } from './keys'
import { type Lane, openLane } from './lane'
import type { Timeline } from './timeline'

/** An event of a user, by the conversation's lane `user:U1` or `group:G1`. */
export function said(bot: string, id: string, more: Partial<Event> & { lane?: string } = {}): Event {
  const { lane = 'user:U1', ...rest } = more
  const [kind = '', where = ''] = lane.split(':')
  return {
    ...{ key: id, bot, platform: 'line', userId: 'U1', conversation: { kind, id: where } },
    ...{ type: 'text', text: `words of ${id}`, messageId: `m-${id}`, raw: { text: `words of ${id}` } },
    ...{ occurredAt: Date.now(), receivedAt: Date.now(), verifiedAt: Date.now() },
    ...rest,
  } as Event
}

export const laneOf = ({ conversation }: Event) => `${conversation.kind}:${conversation.id}`

export interface Working {
  redis: RedisClient
  bot: string
  timeline: Timeline
}

let tokens = 0

export function laneAt({ redis, bot, timeline }: Working, lane: string): Lane {
  return openLane(redis, { bot, lane, token: `t${tokens++}`, timeline })
}

/** Answers what stands at the head of a lane, as a worker does; parks it with `why`. */
export async function answerHead(working: Working, lane: string, why?: string): Promise<void> {
  const own = laneAt(working, lane)
  const head = await own.take()
  if (!head) throw new Error(`lane ${lane} is empty`)
  const { item } = head
  addStep(item, { name: 'waited', at: item.postedAt, ms: 1, code: 'worker' })
  item.handled = true
  item.calls = [
    {
      operation: 'reply',
      target: { kind: 'user', id: 'U1' },
      messages: [{ type: 'text', text: `answer to ${item.id}` }],
      state: why === undefined ? 'sent' : 'waiting',
    },
  ]
  const letter =
    why === undefined ? undefined : deadLetterOf(working.bot, lane, item, { reason: why, explanation: why })
  await own.finish(item, letter)
}

/** The keys that stories have in Redis. */
export async function storyKeys({ redis, bot }: Working): Promise<string[]> {
  const { stories, storyTimes, storyOf, conversations } = botKeys(bot)
  const names = await redis.keys(`${storyOf('').replace(/[{}]/g, '\\$&')}*`)
  const whole = [stories, storyTimes, conversations]
  const there = await Promise.all(whole.map(async (key) => ((await redis.exists(key)) ? [key] : [])))
  return [...there.flat(), ...names]
}
