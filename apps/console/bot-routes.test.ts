import type { Redis } from 'ioredis'
import { introduceBot, pauseBot, readPause, resumeBot } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { Queue } from 'bullmq'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { type BotVerbs, botRoutes } from './bot-routes'
import { type Site, fakeAudit, serveRoutes } from './routes.test.support'

let redis: Redis
let bot: string
let site: Site
let kept: ReturnType<typeof fakeAudit>
let verbs: { [K in keyof BotVerbs]: jest.Mock }

beforeEach(async () => {
  redis = testRedis()
  bot = uniqueBotName()
  await introduceBot(redis, bot, 'line')
  const queue = new Queue('drain', { connection: redis, prefix: `{hookline:${bot}}` })
  await queue.waitUntilReady()
  await queue.close()
  kept = fakeAudit()
  verbs = {
    pause: jest.fn((_redis, name: string, { reason }: { reason?: string }) => pauseBot(redis, name, reason)),
    resume: jest.fn((_redis, name: string) => resumeBot(redis, name)),
    hold: jest.fn().mockResolvedValue(undefined),
    release: jest.fn().mockResolvedValue(undefined),
  }
  const stateOf = async (name: string) =>
    (await readPause(redis, name)) ? ('paused' as const) : ('works' as const)
  const log = createLogger({ name: 'test', level: 'silent' })
  site = await serveRoutes(botRoutes({ redis, audit: kept.audit, log, verbs, stateOf }))
})
afterEach(async () => {
  await site.close()
  await redis.quit()
})

test('pause and resume are written down, done, and answered with the state', async () => {
  const paused = await site.post(`/bots/${bot}/pause`, { reason: ' moving house ', forMs: 60_000 })
  expect(paused).toEqual({ status: 200, body: 'paused' })
  expect(verbs.pause).toHaveBeenCalledWith(expect.anything(), bot, {
    by: 'ann',
    reason: 'moving house',
    forMs: 60_000,
  })
  expect(await readPause(redis, bot)).toMatchObject({ reason: 'moving house' })
  expect(await site.post(`/bots/${bot}/resume`)).toEqual({ status: 200, body: 'works' })
  expect(kept.entries).toMatchObject([
    { action: 'pause', bot, user: 'ann', result: 'ok', details: 'for 60 s: moving house' },
    { action: 'resume', bot },
  ])
})

test('hold and release call theirs', async () => {
  await site.post(`/bots/${bot}/hold`)
  await site.post(`/bots/${bot}/release`)
  expect(verbs.hold).toHaveBeenCalledWith(expect.anything(), bot, { by: 'ann' })
  expect(verbs.release).toHaveBeenCalledWith(expect.anything(), bot)
})

test('a bot that nobody has worked for is not found, and nothing is written down', async () => {
  const answer = await site.post(`/bots/${uniqueBotName()}/pause`)
  expect(answer).toMatchObject({ status: 404, body: { error: 'unknown_bot' } })
  expect(kept.entries).toEqual([])
  expect(verbs.pause).not.toHaveBeenCalled()
})

test.each([
  ['pause', { reason: 'x'.repeat(201) }],
  ['hold', { forMs: 10 }],
  ['hold', { forMs: '1000' }],
  ['pause', { why: 'x' }],
  ['resume', { reason: 'x' }],
])('%s refuses %j', async (verb, body) => {
  expect(await site.post(`/bots/${bot}/${verb}`, body)).toMatchObject({ status: 400 })
  expect(verbs[verb as keyof BotVerbs]).not.toHaveBeenCalled()
})

test('nothing is done by a viewer, in read-only mode, or where it can not be written down', async () => {
  site.caller.role = 'viewer'
  expect((await site.post(`/bots/${bot}/pause`)).status).toBe(403)
  Object.assign(site.caller, { role: 'operator', readOnly: true })
  expect((await site.post(`/bots/${bot}/pause`)).status).toBe(403)
  site.caller.readOnly = false
  kept.state.refuses = true
  expect((await site.post(`/bots/${bot}/pause`)).status).toBe(500)
  expect(verbs.pause).not.toHaveBeenCalled()
})

test('one that fails is written down as failed', async () => {
  verbs.hold.mockRejectedValue(new Error('redis'))
  expect((await site.post(`/bots/${bot}/hold`)).status).toBe(500)
  expect(kept.entries.map(({ result }) => result)).toEqual(['ok', 'failed'])
})
