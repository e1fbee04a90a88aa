import { type ForecastInput, type Rates, forecast } from './forecast'
import type { Budget } from './types'

const now = 1_800_000_000_000
const minute = 60_000
const idle: Rates = { in: 0, done: 0, calls: 0, callsHeld: 0, handlerMs: 0, sendMs: 0, permitMs: 0 }
const limit = (used: number, more: Partial<Budget> = {}): Budget => ({
  operation: 'users.messages',
  used,
  limit: 240,
  windowMs: minute,
  ...more,
})

function given(more: Partial<Omit<ForecastInput, 'rates'>> & { rates?: Partial<Rates> } = {}) {
  const { rates, ...rest } = more
  return forecast({
    ...{ now, items: 600, stopped: undefined, breaker: 'closed', slots: 20, active: 3, budgets: [] },
    ...rest,
    rates: { ...idle, ...rates },
  })
}

test('nothing waits: there is nothing to say', () => {
  expect(given({ items: 0 })).toBeUndefined()
})

test('it ends when more is done than comes', () => {
  expect(given({ rates: { in: 100, done: 300.04 } })).toEqual({
    bottleneck: 'none',
    inPerMinute: 100,
    donePerMinute: 300,
    emptyAt: expect.any(Number),
  })
  expect(given({ rates: { in: 100, done: 300 } })?.emptyAt).toBe(now + 3 * minute)
})

test.each([
  ['as much comes as is done', { in: 100, done: 100 }],
  ['more comes than is done', { in: 101, done: 100 }],
  ['nothing is done', {}],
])('it never ends when %s', (_name, rates) => {
  expect(given({ rates })?.emptyAt).toBeUndefined()
})

describe('what keeps it', () => {
  test.each(['paused', 'held'] as const)('a bot that is %s, until somebody ends that', (stopped) => {
    const said = given({ stopped, breaker: 'held', slots: 0, rates: { done: 300 } })
    expect(said).toMatchObject({ bottleneck: stopped })
    expect(said?.emptyAt).toBeUndefined()
  })

  test('the platform that fails', () => {
    const said = given({ breaker: 'held', rates: { done: 300 } })
    expect(said?.bottleneck).toBe('platform')
    expect(said?.emptyAt).toBeUndefined()
  })

  test('the platform that takes some again: it ends at the speed of now', () => {
    const said = given({ breaker: 'opening', rates: { done: 60 } })
    expect(said).toMatchObject({ bottleneck: 'platform', emptyAt: now + 10 * minute })
  })

  test('no worker', () => {
    const said = given({ slots: 0, active: 0, rates: { done: 300 } })
    expect(said?.bottleneck).toBe('workers')
    expect(said?.emptyAt).toBeUndefined()
  })

  test('a limit that is used up: it ends at the speed of the limit, whatever was done of late', () => {
    const said = given({ budgets: [limit(228)], rates: { in: 40, done: 3, calls: 3 } })
    expect(said).toMatchObject({ bottleneck: 'limit', emptyAt: now + 3 * minute })
  })

  test('a limit that is not used up does not', () => {
    expect(given({ budgets: [limit(227)], rates: { done: 300 } })?.bottleneck).toBe('none')
  })

  test('a limit where each item needs two calls: half as fast', () => {
    const said = given({ budgets: [limit(240)], rates: { done: 100, calls: 200 } })
    expect(said?.emptyAt).toBe(now + 5 * minute)
  })

  test('a limit with more to come than it lets through: never', () => {
    const said = given({ budgets: [limit(240)], rates: { in: 240, done: 240, calls: 240 } })
    expect(said?.bottleneck).toBe('limit')
    expect(said?.emptyAt).toBeUndefined()
  })

  test('a limit that the platform closed: it goes on when it opens', () => {
    const closed = limit(10, { closed: { reason: 'rate', forMs: 10_000 } })
    const other = limit(200, { operation: 'channels.messages' })
    const said = given({ budgets: [other, closed] })
    expect(said).toMatchObject({ bottleneck: 'limit', emptyAt: now + 10_000 + 2.5 * minute })
  })

  test('a window of another length', () => {
    const perSecond = { ...limit(0), used: 10, limit: 10, windowMs: 1000 }
    expect(given({ budgets: [perSecond] })?.emptyAt).toBe(now + minute)
  })

  test('waiting for permits more than all else', () => {
    const rates = { done: 60, calls: 60, callsHeld: 50, permitMs: 90_000, handlerMs: 500, sendMs: 3000 }
    expect(given({ rates, active: 20 })).toMatchObject({ bottleneck: 'limit', emptyAt: now + 10 * minute })
  })

  test('a few calls that waited long are not the limit', () => {
    const rates = { done: 60, calls: 60, callsHeld: 2, permitMs: 90_000, handlerMs: 500, sendMs: 3000 }
    expect(given({ rates })?.bottleneck).toBe('none')
  })

  test('all workers are busy with handlers', () => {
    const rates = { done: 60, handlerMs: 900_000, sendMs: 10_000 }
    expect(given({ rates, active: 18 })).toMatchObject({ bottleneck: 'handler', emptyAt: now + 10 * minute })
  })

  test('all workers are busy with calls: more workers help', () => {
    const rates = { done: 60, handlerMs: 10_000, sendMs: 900_000 }
    expect(given({ rates, active: 20 })?.bottleneck).toBe('workers')
  })

  test('workers that have a place free keep nothing', () => {
    const rates = { done: 60, handlerMs: 900_000 }
    expect(given({ rates, active: 17 })?.bottleneck).toBe('none')
  })

  test('workers of whom nothing is known', () => {
    expect(given({ slots: undefined, active: 0, rates: { done: 60 } })?.bottleneck).toBe('none')
  })
})
