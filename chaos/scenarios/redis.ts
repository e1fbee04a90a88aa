import type { Scenario, Stage } from '../scenario'
import { sleep } from '../until'
import { rounds, steady } from './rounds'

/** Away for a while; the same data folder and port afterwards. */
async function killForAWhile(stage: Stage, [min, max]: [number, number]): Promise<void> {
  await stage.redis.kill()
  stage.did('Redis kills')
  await sleep(stage.random.between(min, max))
  await stage.redis.start()
}

export const killRedis: Scenario = {
  name: 'kill-redis',
  what: 'Redis is killed (kill -9) and comes back after up to three seconds with what is in its append-only file.',
  load: steady,
  harm: (stage) => rounds(stage, { times: 5, pauseMs: [500, 2000] }, () => killForAWhile(stage, [100, 3000])),
}

export const redisHung: Scenario = {
  name: 'redis-hung',
  what: 'Redis is frozen (SIGSTOP) and goes on: mostly for up to three seconds, once for longer than a lane is locked.',
  load: steady,
  harm: async (stage) => {
    const freeze = async (ms: number) => {
      stage.redis.freeze()
      stage.did('freezes')
      await sleep(ms)
      stage.redis.thaw()
    }
    await rounds(stage, { times: 3, pauseMs: [500, 2000] }, () => freeze(stage.random.between(300, 3000)))
    await rounds(stage, { times: 1, pauseMs: [500, 2000] }, () => freeze(6500))
  },
}

export const redisFull: Scenario = {
  name: 'redis-full',
  what: 'Redis has no memory left (maxmemory below what it uses) for one to three seconds at a time.',
  load: steady,
  harm: (stage) =>
    rounds(stage, { times: 3, pauseMs: [800, 2000] }, async () => {
      await stage.redis.fill()
      stage.did('times full')
      await sleep(stage.random.between(1000, 3000))
      await stage.redis.unfill()
    }),
}

export const slowDisk: Scenario = {
  name: 'slow-disk',
  what: 'Redis is away and every forced write of the journal takes 300 ms longer.',
  load: steady,
  preload: { ingress: 'slow-disk' },
  harm: (stage) =>
    rounds(stage, { times: 2, pauseMs: [500, 1500] }, () => killForAWhile(stage, [3000, 4000])),
}

export const killRedisAndIngress: Scenario = {
  name: 'kill-redis-and-ingress',
  what: 'Redis is killed and away while 240 events arrive; the only ingress is killed twice in that time.',
  ingresses: 1,
  load: { conversations: 40, least: 6, most: 6, pauseMs: 500 },
  harm: async (stage) => {
    await stage.redis.kill()
    stage.did('Redis kills')
    await rounds(stage, { times: 2, pauseMs: [500, 1200] }, async () => {
      await stage.fleet.whole()
      stage.fleet.running('ingress').forEach((ingress) => stage.fleet.kill(ingress))
      stage.did('ingress kills')
    })
    await stage.fleet.whole()
    await sleep(stage.random.between(3000, 4000))
    await stage.redis.start()
  },
}
