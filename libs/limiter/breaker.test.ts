import { randomUUID } from 'node:crypto'
import type { BreakerState, CallResult, Permit } from '.'
import { eventually } from '../../tests/support/eventually'
import { permitFor, uniqueLimit, workers } from './limiter.test.support'

type Fleet = ReturnType<typeof workers>
let fleet: Fleet
let states: BreakerState[]

beforeEach(() => {
  states = []
  fleet = workers(2, { onBreaker: (state) => void states.push(state) })
})
afterEach(() => fleet.end())

function setup() {
  const { limiter } = fleet
  const limit = uniqueLimit(1000, 1000)
  const ask = () => limiter.ask({ id: randomUUID(), limit })
  const permit = () => permitFor(limiter, { id: randomUUID(), limit })
  const report = (held: Permit, result: CallResult, item = 'e1') => limiter.report(held, { result, item })
  const call = async (result: CallResult, item = 'e1') => report(await permit(), result, item)
  const fail = async (items: string[]) => {
    for (const item of items) await call('failed', item)
  }
  /** Five failures in a row, then the first probe's permit. */
  const probe = async () => {
    await fail(['a', 'b', 'a', 'b', 'a'])
    return permit()
  }
  return { limit, ask, permit, report, call, fail, probe }
}

describe('the breaker', () => {
  test('holds a bot after five failures in a row of more than one item, and says so once', async () => {
    const { ask, fail, call } = setup()
    await fail(['a', 'b', 'a', 'b'])
    expect(await ask()).toMatchObject({ kind: 'granted' })
    expect(await call('failed', 'a')).toMatchObject({ breaker: 'held', heldForMs: 1000 })
    expect(await ask()).toMatchObject({ kind: 'wait', reason: 'breaker' })
    const logged = fleet.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(logged).toMatchObject([{ level: 'error', msg: expect.stringContaining('sending is held') }])
  })

  test('does not hold a bot for one item that always fails', async () => {
    const { ask, fail } = setup()
    await fail(Array.from({ length: 12 }, () => 'poison'))
    expect(await ask()).toMatchObject({ kind: 'granted' })
  })

  test.each<CallResult>(['ok', 'answered'])(
    'starts to count anew after a call that went %s',
    async (result) => {
      const { ask, fail, call } = setup()
      await fail(['a', 'b', 'a', 'b'])
      await call(result)
      await fail(['a', 'b', 'a', 'b'])
      expect(await ask()).toMatchObject({ kind: 'granted' })
    },
  )

  test.each<CallResult>(['limited', 'unclear', 'unauthorized'])(
    'does not count a call that went %s',
    async (result) => {
      const { fail, call } = setup()
      await fail(['a', 'b', 'a', 'b'])
      expect(await call(result, 'c')).toMatchObject({ breaker: 'closed' })
      expect(await call('failed')).toMatchObject({ breaker: 'held' })
    },
  )

  test('lets one call at a time try after the hold', async () => {
    const { ask, probe } = setup()
    const before = performance.now()
    await probe()
    expect(performance.now() - before).toBeGreaterThanOrEqual(999)
    expect(await ask()).toMatchObject({ kind: 'wait', reason: 'breaker' })
  })

  test.each<CallResult>(['failed', 'unauthorized'])(
    'holds twice as long after a try that went %s',
    async (result) => {
      const { ask, report, probe } = setup()
      expect(await report(await probe(), result)).toMatchObject({ breaker: 'held', heldForMs: 2000 })
      expect(await ask()).toMatchObject({ kind: 'wait', reason: 'breaker' })
    },
  )

  test('stays half open after a try that says nothing', async () => {
    const { ask, report, probe } = setup()
    expect(await report(await probe(), 'unclear')).toMatchObject({ breaker: 'opening', heldForMs: 0 })
    expect(await ask()).toMatchObject({ kind: 'granted' })
    expect(await ask()).toMatchObject({ kind: 'wait' })
  })

  test('does not mind how calls end that were made before it opened', async () => {
    const { ask, permit, report, fail } = setup()
    const [early, other] = [await permit(), await permit()]
    await fail(['a', 'b', 'a', 'b', 'a'])
    expect(await report(early, 'ok')).toMatchObject({ breaker: 'held' })
    const { heldForMs } = await report(other, 'failed')
    expect(heldForMs).toBeLessThanOrEqual(1000)
    expect(await ask()).toMatchObject({ kind: 'wait', reason: 'breaker' })
  })

  test('lets through twice as many with each success, then all', async () => {
    const { ask, permit, report, probe } = setup()
    let held = [await probe()]
    for (const level of [2, 4, 8, 16, 32]) {
      expect(await report(held[0]!, 'ok')).toMatchObject({ breaker: 'opening' })
      for (const rest of held.slice(1)) await report(rest, 'unclear')
      held = []
      for (let i = 0; i < level; i++) held.push(await permit())
      expect(await ask()).toMatchObject({ kind: 'wait', reason: 'breaker' })
    }
    expect(await report(held[0]!, 'ok')).toMatchObject({ breaker: 'closed' })
    for (let i = 0; i < 100; i++) await permit()
    expect(fleet.lines.at(-1)).toContain('sending goes on')
  })

  test('holds again when a call fails while it opens up, for a second at first', async () => {
    const { permit, report, probe } = setup()
    await report(await probe(), 'ok')
    expect(await report(await permit(), 'failed')).toMatchObject({ breaker: 'held', heldForMs: 1000 })
  })

  test('holds one bot only', async () => {
    const { limit, fail } = setup()
    const other = workers(1, { bot: 'desk' })
    await fail(['a', 'b', 'a', 'b', 'a'])
    expect(await other.limiter.ask({ id: 'x', limit })).toMatchObject({ kind: 'granted' })
    await other.end()
  })

  test('is known to a worker without calls of its own once another worker closed it', async () => {
    const { limit, fail } = setup()
    const idle: BreakerState[] = []
    const other = workers(1, { onBreaker: (state) => void idle.push(state) })
    await fail(['a', 'b', 'a', 'b', 'a'])
    await other.limiter.ask({ id: 'x', limit })
    expect(idle).toEqual(['held'])
    await fleet.redis.del(`{hookline:limit:test:${limit.scope.split(':')[1]!}}:breaker:shop`)
    await eventually(() => expect(idle).toEqual(['held', 'closed']), 8000)
    await other.end()
  })
})
