import { eventually } from '../../tests/support/eventually'
import type { EmulatorContext } from './context'
import { createFaults } from './faults'
import { createOutages } from './outages'
import { createPageFaults } from './page-faults'
import type { Backstage } from './page-types'

const clock = () => Date.now()

/** A Redis that takes a moment to stop and to start, and says what was done to it. */
function world(start: () => Promise<void> = () => Promise.resolve()) {
  const log: string[] = []
  const done: string[] = []
  let redis: 'up' | 'down' = 'up'
  const slowly = async (word: string, to: typeof redis) => {
    done.push(`${word} begins`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    redis = to
    done.push(`${word} ends`)
  }
  const backstage: Backstage = {
    state: () => ({ redis }),
    killWorker: () => Promise.resolve(),
    stopRedis: () => slowly('stop', 'down'),
    startRedis: async () => {
      await start()
      await slowly('start', 'up')
    },
    onChange: () => undefined,
  }
  const context = {
    ...{ clock, faults: createFaults({ clock }), outages: createOutages(clock) },
    log: (line: string) => log.push(line),
  } as unknown as EmulatorContext
  return { faults: createPageFaults(context, backstage), log, done, redis: () => redis }
}

test('Redis is stopped and started in the order of the clicks, however fast they come', async () => {
  const { faults, done, redis } = world()
  await Promise.all([
    faults.add({ kind: 'redis-down' }),
    faults.clear(),
    faults.add({ kind: 'redis-down' }),
    faults.add({ kind: 'redis-down' }),
    faults.clear(),
  ])
  expect([redis(), faults.list()]).toEqual(['up', []])
  const words = done.map((each) => each.split(' ')[0])
  for (let i = 0; i < done.length; i += 2) expect(words[i]).toBe(words[i + 1])
  expect(done.at(-1)).toBe('start ends')
})

test('a Redis that does not come back by itself is told, and ends nothing else', async () => {
  const { faults, log } = world(() => Promise.reject(new Error('port taken')))
  await faults.add({ kind: 'redis-down', durationMs: 1 })
  await eventually(() => expect(log).toEqual(['emulator: Redis did not come back: port taken']))
  await faults.close()
  expect(log).toHaveLength(2)
})
