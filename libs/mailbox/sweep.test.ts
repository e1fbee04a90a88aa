import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { drainOptions, drainQueueName, openQueue } from './drains'
import { botKeys } from './keys'
import { sweep } from './sweep'

const log = createLogger({ name: 'test', level: 'silent' })
const hour = 3_600_000
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function setup() {
  const bot = uniqueBotName()
  const redis = testRedis()
  closers.push(() => redis.quit())
  const queue = openQueue(bot, redis)
  closers.push(() => queue.close())
  await queue.waitUntilReady()
  const add = (lane: string, delay = 0) =>
    queue.add(drainQueueName, { lane }, { ...drainOptions(lane), ...(delay > 0 ? { delay } : {}) })
  const lanesIn = async (state: 'waiting' | 'delayed') =>
    (await queue.getJobs([state === 'waiting' ? 'wait' : 'delayed'])).map(({ data }) => data.lane).sort()
  return { bot, redis, queue, add, lanesIn, sweep: () => sweep(queue, { bot, redis, log }) }
}

/** What the clock of a worker says that is off by this much, while something is written. */
async function withClockOff<T>(ms: number, write: () => Promise<T>): Promise<T> {
  const clock = jest
    .spyOn(Date, 'now')
    .mockImplementation(() => performance.timeOrigin + performance.now() + ms)
  try {
    return await write()
  } finally {
    clock.mockRestore()
  }
}

test('wakes a lane that has items and no drain, when it has waited', async () => {
  const { bot, redis, lanesIn, sweep } = await setup()
  await redis.zadd(botKeys(bot).lanes, Date.now() - 60_000, 'user:old', Date.now(), 'user:new')
  await sweep()
  await eventually(async () => expect(await lanesIn('waiting')).toEqual(['user:old']))
})

test('is done by one worker at a time', async () => {
  const { bot, redis, lanesIn, sweep } = await setup()
  await sweep()
  await redis.zadd(botKeys(bot).lanes, Date.now() - 60_000, 'user:old')
  await sweep()
  expect(await lanesIn('waiting')).toEqual([])
})

test('wakes what a worker put off whose clock was ahead, and leaves what rightly waits', async () => {
  const { add, lanesIn, sweep } = await setup()
  await withClockOff(hour, () => add('user:ahead', 5000))
  await add('user:right', 60_000)
  await add('user:long', hour)
  await sweep()
  await eventually(async () => expect(await lanesIn('waiting')).toEqual(['user:ahead']))
  expect(await lanesIn('delayed')).toEqual(['user:long', 'user:right'])
})

test('wakes what should have been woken long ago', async () => {
  const { add, lanesIn, sweep } = await setup()
  await withClockOff(-hour, () => add('user:behind', 5000))
  await sweep()
  await eventually(async () => expect(await lanesIn('waiting')).toEqual(['user:behind']))
})
