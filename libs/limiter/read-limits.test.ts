import { randomUUID } from 'node:crypto'
import { uniqueBotName } from '../../tests/support/redis'
import { readLimits } from '.'
import { permitFor, uniqueLimit, workers } from './limiter.test.support'

test('shows the limits that are closed and the bots that are held', async () => {
  const bot = uniqueBotName()
  const { limiter, redis, end } = workers(1, { bot })
  const limit = uniqueLimit(100, 1000)
  const [, account = ''] = limit.scope.split(':')
  const own = async () => {
    const { closed, breakers } = await readLimits(redis)
    return {
      closed: closed.filter((scope) => scope.account === account),
      held: breakers.filter((b) => b.bot === bot),
    }
  }
  const report = async (result: 'ok' | 'failed' | 'limited', waitMs?: number) =>
    limiter.report(await permitFor(limiter, { id: randomUUID(), limit }), {
      result,
      item: randomUUID(),
      waitMs,
    })
  try {
    await report('ok')
    expect(await own()).toEqual({ closed: [], held: [] })
    for (let i = 0; i < 5; i++) await report('failed')
    expect((await own()).held).toMatchObject([{ bot, state: 'held', heldForMs: expect.any(Number) }])

    await report('limited', 60_000)
    const { closed } = await own()
    expect(closed).toMatchObject([{ platform: 'test', account, operation: 'send', reason: 'rate' }])
    expect(closed[0]?.forMs).toBeGreaterThan(30_000)
  } finally {
    await end()
  }
})
