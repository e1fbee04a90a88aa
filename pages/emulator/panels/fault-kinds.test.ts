import type { ActiveFault } from '../../../libs/emulator/page-types'
import { activeOf, type FaultKind, faultSorts, firstChoice, requestsFor, secondsLeft } from './fault-kinds'

const sort = (kind: FaultKind) => faultSorts.find((each) => each.kind === kind)!

describe('requestsFor', () => {
  it('asks for one fault per platform where all are meant', () => {
    expect(requestsFor(sort('429'), { platform: 'all', percent: 50, durationMs: 10_000 })).toEqual([
      { kind: '429', platform: 'line', rate: 0.5, durationMs: 10_000 },
      { kind: '429', platform: 'lineworks', rate: 0.5, durationMs: 10_000 },
      { kind: '429', platform: 'tocaro', rate: 0.5, durationMs: 10_000 },
    ])
  })

  it('asks only where the fault exists', () => {
    expect(requestsFor(sort('quota'), { platform: 'all', percent: 100 })).toEqual([
      { kind: 'quota', platform: 'line', rate: 1 },
    ])
    expect(requestsFor(sort('quota'), { platform: 'tocaro', percent: 100 })).toEqual([])
  })

  it('states the delay that the fault begins with', () => {
    expect(requestsFor(sort('slow'), { ...firstChoice(sort('slow')), platform: 'line' })).toEqual([
      { kind: 'slow', platform: 'line', rate: 1, delayMs: 5000 },
    ])
  })

  it('gives an outage neither rate nor delay, and Redis no platform', () => {
    expect(requestsFor(sort('platform-down'), { platform: 'line', percent: 30, durationMs: 60_000 })).toEqual(
      [{ kind: 'platform-down', platform: 'line', durationMs: 60_000 }],
    )
    expect(requestsFor(sort('redis-down'), { platform: 'all', percent: 100 })).toEqual([
      { kind: 'redis-down' },
    ])
  })
})

describe('a fault that is on', () => {
  const active = (endsAt?: number): ActiveFault => ({
    fault: { id: 'f1', kind: 'redis-down' },
    startedAt: 0,
    hits: 0,
    ...(endsAt === undefined ? {} : { endsAt }),
  })

  it('is over when its time has come, and lasts where it has none', () => {
    expect(activeOf([active(1000)], 'redis-down', 999)).toHaveLength(1)
    expect(activeOf([active(1000)], 'redis-down', 1000)).toHaveLength(0)
    expect(activeOf([active()], 'redis-down', 1e15)).toHaveLength(1)
    expect(activeOf([active()], '429', 0)).toHaveLength(0)
  })

  it('counts down in whole seconds', () => {
    expect(secondsLeft(active(10_000), 0)).toBe(10)
    expect(secondsLeft(active(10_000), 9_950)).toBe(1)
    expect(secondsLeft(active(), 0)).toBeUndefined()
  })
})
