import type { Redis } from 'ioredis'
import type { Event } from '#libs/contract'
import { type Item, type Timeline, addStep, deadLetterOf, introduceBot, newItem } from '#libs/mailbox'
import { bucketBounds } from '#libs/observability'
import { metaKey } from '../../libs/mailbox/bots'
import { encodeItem } from '../../libs/mailbox/item'
import { botKeys, laneName } from '../../libs/mailbox/keys'
import { openLane } from '../../libs/mailbox/lane'
import { botsKey, minuteKey, minuteMs } from '../../libs/vitals/keys'

/** What a Redis looks like after a busy week. Numbers are of all bots together. */
export interface Seed {
  bots: string[]
  conversations: number
  /** Stories of each conversation. Default 1. */
  stories?: number
  /** So many conversations have an item that waits. */
  waiting?: number
  deadLetters?: number
  /** Default `text`. */
  keep?: Timeline['keep']
  /** Stories that are kept of each bot at most. Default 10,000. */
  items?: number
}

const atOnce = 100

/** Puts it there by the scripts that a worker uses, so that all of it is as it would be. */
export async function seedRedis(redis: Redis, seed: Seed): Promise<void> {
  const {
    bots,
    conversations,
    stories = 1,
    waiting = 0,
    deadLetters = 0,
    keep = 'text',
    items = 10_000,
  } = seed
  const timeline = { keep, days: 7, items }
  for (const bot of bots) await introduce(redis, bot, timeline)
  const write = async (n: number) => {
    const bot = bots[n % bots.length] ?? ''
    const parked = n < deadLetters ? ['rejected', 'attempts_used_up', 'reply_expired'][n % 3] : undefined
    for (let i = 0; i < stories; i++)
      await writeStory(redis, { bot, n, i, timeline, parked: i === 0 ? parked : undefined })
    if (n >= conversations - waiting) await store(redis, itemOf({ bot, n, i: stories }))
  }
  let next = 0
  const writer = async () => {
    while (next < conversations) await write(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, writer))
}

/** As if processes had worked for the bot for two hours. */
async function introduce(redis: Redis, bot: string, timeline: Timeline): Promise<void> {
  const now = Date.now()
  await introduceBot(redis, bot, 'line', timeline)
  await redis.hset(metaKey(bot), 'version', 'bullmq')
  await redis.zadd(botsKey, now, bot)
  const minutes = redis.pipeline()
  const to = Math.floor(now / minuteMs)
  for (let minute = to - 119; minute <= to; minute++) {
    minutes.hset(minuteKey(bot, minute), minuteOf(minute)).expire(minuteKey(bot, minute), 7200)
  }
  await minutes.exec()
}

/** Every field that a bot at work has: a few buckets of each. */
function minuteOf(minute: number): Record<string, number> {
  const counts: Record<string, number> = { events: 40 + (minute % 20), duplicates: 1, limited: minute % 3 }
  Object.assign(counts, { 'item:done': 40, 'item:retry': 2, 'item:park': minute % 2, 'send:sent': 40 })
  for (const [name, bounds] of Object.entries(bucketBounds)) {
    counts[`${name}:sum`] = 4000
    for (const bound of bounds.slice(0, 6)) counts[`${name}:${bound}`] = 7
  }
  return counts
}

interface Named {
  bot: string
  n: number
  i: number
}

function itemOf({ bot, n, i }: Named): Item {
  const at = Date.now() - 60
  const userId = `U${n.toString(16).padStart(32, '0')}`
  const text = `Message ${i} of user ${n}: when does the order that I placed on Monday arrive?`
  const event: Event = {
    ...{ key: `01K${n.toString(36).padStart(10, '0')}${i.toString(36).padStart(13, '0')}`, bot, userId },
    ...{ platform: 'line', conversation: { kind: 'user', id: userId }, type: 'text', text },
    ...{
      messageId: `${500_000_000_000_000_000 + n * 1000 + i}`,
      occurredAt: at,
      receivedAt: at,
      verifiedAt: at,
    },
    raw: {
      type: 'message',
      message: { type: 'text', text },
      source: { type: 'user', userId },
      timestamp: at,
    },
  }
  return newItem(event, at + 2)
}

async function store(redis: Redis, item: Item): Promise<string> {
  const keys = botKeys(item.event.bot)
  const lane = laneOf(item)
  await Promise.all([
    redis.rpush(keys.lane(lane), encodeItem(item)),
    redis.zadd(keys.lanes, item.postedAt, lane),
    redis.incr(keys.items),
  ])
  return lane
}

function laneOf({ event }: Item): string {
  if (event.conversation.kind === 'none') throw new TypeError('a seeded item has a conversation')
  return laneName(event.conversation)
}

interface Writing extends Named {
  timeline: Timeline
  parked: string | undefined
}

async function writeStory(redis: Redis, { timeline, parked, ...named }: Writing): Promise<void> {
  const { bot, n, i } = named
  const lane = await store(redis, itemOf(named))
  const own = openLane(redis, { bot, lane, token: `seed-${n}-${i}`, timeline })
  const head = await own.take()
  if (!head) throw new Error(`lane ${lane} is empty`)
  const { item } = head
  work(item, parked)
  const letter =
    parked === undefined ? undefined : deadLetterOf(bot, lane, item, { reason: parked, explanation: parked })
  await own.finish(item, letter)
}

/** What a worker notes on an item that is answered, or refused by the platform. */
function work(item: Item, parked: string | undefined): void {
  const { conversation } = item.event
  if (conversation.kind === 'none') throw new TypeError('a seeded item has a conversation')
  const at = item.postedAt
  addStep(item, { name: 'waited', at, ms: 4, code: 'worker' })
  addStep(item, { name: 'handler', at: at + 4, ms: 1 })
  addStep(item, { name: 'permit', at: at + 5, ms: 1, operation: 'reply' })
  const sent = parked === undefined ? { status: 200 } : { status: 400, code: parked }
  addStep(item, { name: 'send', at: at + 6, ms: 42, operation: 'reply', requestId: `r-${item.id}`, ...sent })
  item.handled = true
  item.calls = [
    {
      operation: 'reply',
      target: { kind: conversation.kind, id: conversation.id },
      messages: [{ type: 'text', text: `Your order ${item.id} is on its way and arrives tomorrow.` }],
      state: parked === undefined ? 'sent' : 'waiting',
    },
  ]
}
