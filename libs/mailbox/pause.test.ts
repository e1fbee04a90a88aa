import { createLogger } from '#libs/observability'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { eventually } from '../../tests/support/eventually'
import { openQueue } from './drains'
import { botKeys } from './keys'
import { pauseBot, readPause, resumeBot } from './pause'
import { sweep } from './sweep'

const log = createLogger({ name: 'test', level: 'silent' })
const redis = testRedis()
afterAll(() => redis.quit())
let bot: string
beforeEach(() => {
  bot = uniqueBotName()
})

/** A sweep of a worker, whether or not another one has just swept. */
async function sweepNow(): Promise<void> {
  await redis.del(botKeys(bot).sweep)
  const queue = openQueue(bot, redis)
  await sweep(queue, { bot, redis, log })
  await queue.close()
}

test('tells since when, why, by whom and until when a bot is paused', async () => {
  expect(await pauseBot(redis, bot, { reason: 'move', by: 'aoi', forMs: 60_000 })).toBe(true)
  const pause = await readPause(redis, bot)
  expect(pause).toMatchObject({ reason: 'move', by: 'aoi' })
  expect(Math.abs(pause!.until! - pause!.since! - 60_000)).toBeLessThan(5000)
})

test('pausing once more keeps since when and why, and changes the end', async () => {
  await pauseBot(redis, bot, { reason: 'move', by: 'aoi', forMs: 60_000 })
  const before = await readPause(redis, bot)
  expect(await pauseBot(redis, bot, { by: 'ren' })).toBe(false)
  expect(await readPause(redis, bot)).toEqual({ since: before!.since, reason: 'move', by: 'ren' })
  expect(await pauseBot(redis, bot, 'another reason')).toBe(false)
  expect(await readPause(redis, bot)).toMatchObject({ reason: 'another reason' })
})

test('the sweep of any worker ends a pause whose time is over, and no other', async () => {
  await pauseBot(redis, bot, { forMs: 50 })
  await eventually(async () => {
    await sweepNow()
    expect(await readPause(redis, bot)).toBeUndefined()
  })
  await pauseBot(redis, bot, { forMs: 60_000 })
  await sweepNow()
  expect(await readPause(redis, bot)).toBeDefined()
  await pauseBot(redis, bot)
  await sweepNow()
  expect(await readPause(redis, bot)).toBeDefined()
  expect(await resumeBot(redis, bot)).toBe(true)
})
