import { randomUUID } from 'node:crypto'
import type { Call, OutgoingPush } from '#libs/contract'
import { createLogger } from '#libs/observability'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { deadLetterOf, discardDeadLetters, listDeadLetters } from './dead-letters'
import type { PlannedCall } from './item'
import { type Lane, openLane } from './lane'
import { createMailbox } from './post'
import { readPush } from './push-record'
import { replayDeadLetter } from './replay'

const redis = testRedis()
const log = createLogger({ name: 'test', level: 'silent' })
const mailbox = createMailbox(redis, log)
afterAll(async () => {
  await mailbox.close()
  await redis.quit()
})

const week = 7 * 86_400_000

function pushOf(bot: string, texts: string[]): OutgoingPush {
  return {
    ...{ type: 'push', key: `${bot}.${randomUUID().replaceAll('-', '')}`, platform: 'lineworks', bot },
    ...{
      conversation: { kind: 'user', id: 'u1' },
      occurredAt: 1000,
      receivedAt: 1000,
      raw: null,
      digest: 'd',
    },
    messages: texts.map((text) => ({ type: 'text', text })),
  }
}

const call = (state: PlannedCall['state'], more: Partial<PlannedCall> = {}): PlannedCall => ({
  ...({
    operation: 'users.messages',
    target: { kind: 'user', id: 'u1' },
    messages: [{ text: 'x' }],
  } satisfies Call),
  state,
  ...more,
})

/** A push of three messages, the second in two parts, in the hands of a drain. */
async function setup() {
  const bot = uniqueBotName()
  const push = pushOf(bot, ['a', 'b', 'c'])
  await mailbox.post([push], week)
  const status = () => readPush(redis, bot, push.key)
  const lane: Lane = openLane(redis, { bot, lane: 'user:u1', token: 't' })
  const begin = async () => {
    const head = await lane.take()
    if (!head) throw new Error('the lane is empty')
    const { item } = head
    item.begun = true
    item.parts = [1, 2, 1]
    item.calls = [call('sent'), call('sent'), call('sending'), call('waiting')]
    return item
  }
  return { bot, push, status, lane, begin }
}

const states = (record: Awaited<ReturnType<typeof readPush>>) => record?.messages.map(({ status }) => status)

test('is queued from its post on, for a week; what is no push has no record', async () => {
  const { bot, push, status } = await setup()
  expect(await status()).toMatchObject({
    ...{ status: 'queued', to: { kind: 'user', id: 'u1' }, acceptedAt: 1000, failures: 0, digest: 'd' },
    messages: [{ status: 'queued' }, { status: 'queued' }, { status: 'queued' }],
  })
  expect(Math.abs((await redis.pttl(`{hookline:${bot}}:seen:${push.key}`)) - week)).toBeLessThan(60_000)
  await mailbox.post([{ ...push, type: 'text', text: 'x', key: 'e1' }], week)
  expect(await readPush(redis, bot, 'e1')).toBeUndefined()
  expect(await readPush(redis, bot, 'e2')).toBeUndefined()
})

test('is told message by message while it is sent and while it waits', async () => {
  const { status, lane, begin } = await setup()
  const item = await begin()
  await lane.amend(item)
  const sending = await status()
  expect([sending?.status, states(sending)]).toEqual(['sending', ['sent', 'sending', 'sending']])
  expect(sending?.messages[1]).toEqual({ status: 'sending', parts: 2, partsSent: 1 })
  item.waits = { reason: 'api_unavailable', until: 5000 }
  item.attempts = [{ at: 1, step: 'send', code: 'api_unavailable', words: 'HTTP 500: sorry' }]
  item.failures = 1
  await lane.amend(item, { orderly: true })
  expect(await status()).toMatchObject({
    ...{
      status: 'waiting',
      reason: 'api_unavailable',
      explanation: 'HTTP 500: sorry',
      until: 5000,
      failures: 1,
    },
  })
})

test('is queued behind another head, also when that has a longer id that begins the same', async () => {
  const { bot, push, status, lane } = await setup()
  const next = { ...pushOf(bot, ['d']), key: push.key.slice(0, -1) }
  await mailbox.post([next], week)
  expect((await readPush(redis, bot, next.key))?.status).toBe('queued')
  const head = await lane.take()
  if (head) await lane.finish(head.item)
  expect((await status())?.status).toBe('sent')
})

test('failed: says why and what may have been sent; replayed: queued; discarded: given up', async () => {
  const { bot, status, lane, begin } = await setup()
  const item = await begin()
  const park = { reason: 'maybe_sent', explanation: 'no answer' }
  const letter = deadLetterOf(bot, 'user:u1', item, park)
  await lane.finish(item, letter)
  const failed = await status()
  expect(failed).toMatchObject({ ...park, status: 'failed', deadLetter: letter.id, endedAt: letter.parkedAt })
  expect(states(failed)).toEqual(['sent', 'maybe_sent', 'failed'])

  await replayDeadLetter(redis, { bot, id: letter.id }, 'drop')
  const again = await status()
  expect([again?.status, again?.deadLetter, again?.reason]).toEqual(['queued', undefined, undefined])
  expect(states(again)).toEqual(['sent', 'queued', 'queued'])

  const head = await lane.take()
  if (!head) throw new Error('the lane is empty')
  await lane.finish(head.item, deadLetterOf(bot, 'user:u1', head.item, park))
  const [second] = await listDeadLetters(redis, bot)
  expect(await discardDeadLetters(redis, bot, [second?.id ?? '', 'nonsense'])).toBe(1)
  const discarded = await status()
  expect([discarded?.status, discarded?.deadLetter]).toEqual(['discarded', undefined])
  expect(states(discarded)).toEqual(['sent', 'maybe_sent', 'discarded'])
})

test('a letter that somebody has replayed is not said to be discarded', async () => {
  const { bot, status, lane, begin } = await setup()
  const item = await begin()
  const letter = deadLetterOf(bot, 'user:u1', item, { reason: 'rejected', explanation: 'no' })
  await lane.finish(item, letter)
  await replayDeadLetter(redis, { bot, id: letter.id }, 'drop')
  expect(await discardDeadLetters(redis, bot, [letter.id])).toBe(0)
  expect((await status())?.status).toBe('queued')
})
