import { createHmac } from 'node:crypto'
import { closeAll, setup, type Setup } from './emulator.test.support'
import { createFaults } from './faults'

afterEach(closeAll)

const user = `U${'1'.repeat(32)}`
const push = ({ line }: Setup, text = 'hi') =>
  line('/v2/bot/message/push', { to: user, messages: [{ type: 'text', text }] })
const statuses = async (s: Setup, calls: number) => {
  const seen = []
  for (let i = 0; i < calls; i++) seen.push((await push(s)).status)
  return seen
}

describe('API faults', () => {
  test('answer in the words of the platform', async () => {
    const s = await setup()
    const { faults } = s.emulator
    faults.add({ platform: 'line', kind: 'quota', count: 1 })
    expect(await push(s)).toMatchObject({
      status: 429,
      body: { message: 'You have reached your monthly limit.' },
    })
    faults.add({ platform: 'line', kind: '401', count: 1 })
    expect(await push(s)).toMatchObject({
      status: 401,
      body: { message: expect.stringContaining('Authentication failed') },
    })
    faults.add({ platform: 'lineworks', kind: '500', operation: 'users.messages' })
    expect(await s.works('/users/u/messages', 'x', {})).toMatchObject({
      status: 500,
      body: { code: 'INTERNAL_SERVER_ERROR' },
    })
    expect(s.emulator.ledger.after(0)).toMatchObject([
      { kind: 'api', operation: 'push', status: 429, fault: 'quota' },
      { kind: 'api', status: 401, fault: '401' },
      { kind: 'api', operation: 'users.messages', status: 500, fault: '500' },
    ])
  })

  test('state a wait where the platform can, and none on demand', async () => {
    const s = await setup()
    const { faults } = s.emulator
    faults.add({ platform: 'lineworks', kind: '429', delayMs: 7000, count: 1 })
    expect((await s.works('/users/u/messages', 'x', {})).headers.get('rateLimit-reset')).toBe('7')
    faults.add({ platform: 'lineworks', kind: '429-no-header', count: 1 })
    const silent = await s.works('/users/u/messages', 'x', {})
    expect([silent.status, silent.headers.get('rateLimit-reset')]).toEqual([429, null])
    faults.add({ platform: 'tocaro', kind: '429', count: 1 })
    expect((await s.tocaro('/groups')).headers.get('retry-after')).toBe('1')
    faults.add({ platform: 'line', kind: '429', count: 1 })
    expect((await push(s)).headers.get('retry-after')).toBeNull()
  })

  test('hit only their operation, each n-th call, a number of times, for a while', async () => {
    const s = await setup()
    const { faults } = s.emulator
    faults.add({ platform: 'line', kind: '500', operation: 'reply' })
    faults.add({ platform: 'line', kind: '500', operation: 'push', every: 2, count: 2 })
    expect(await statuses(s, 6)).toEqual([200, 500, 200, 500, 200, 200])
    faults.add({ platform: 'line', kind: '500', durationMs: 1000 })
    expect(await statuses(s, 1)).toEqual([500])
    s.time.now += 1000
    expect(await statuses(s, 1)).toEqual([200])
    faults.add({ platform: 'line', kind: '500' })
    faults.clear()
    expect(await statuses(s, 1)).toEqual([200])
  })

  test('hit a share of the calls', () => {
    const chances = [0.1, 0.3, 0.29]
    const faults = createFaults({ clock: Date.now, random: () => chances.shift() ?? 1 })
    faults.add({ platform: 'line', kind: '500', rate: 0.3 })
    expect([1, 2, 3].map(() => faults.forCall('line', 'push')?.kind)).toEqual(['500', undefined, '500'])
  })

  test('accept a message and cut the answer', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', operation: 'push', kind: 'accept-then-cut', count: 1 })
    await expect(push(s)).rejects.toThrow()
    expect(s.emulator.ledger.messages()).toHaveLength(1)
    expect((await push(s)).status).toBe(200)
  })

  test('neither do nor answer a call that times out', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'timeout', count: 1, delayMs: 20 })
    await expect(push(s)).rejects.toThrow()
    expect(s.emulator.ledger.messages()).toEqual([])
    expect(s.emulator.ledger.after(0)).toMatchObject([{ kind: 'api', status: 0, fault: 'timeout' }])
  })

  test('do a slow call late', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'slow', delayMs: 30, count: 1 })
    expect((await push(s)).status).toBe(200)
    expect(s.emulator.ledger.after(0).at(-1)).toMatchObject({ fault: 'slow', status: 200 })
    expect(s.emulator.ledger.after(0).at(-1)!.ms).toBeGreaterThanOrEqual(29)
  })

  test('end without an answer when the emulator closes', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'timeout' })
    const call = expect(push(s)).rejects.toThrow()
    await s.emulator.ledger.waitFor((entry) => entry.fault === 'timeout', 5000)
    await closeAll()
    await call
  })

  test('refuse what makes no sense', async () => {
    const { faults } = (await setup()).emulator
    expect(() => faults.add({ platform: 'line', kind: '418' as '500' })).toThrow(/This fault is wrong/)
    expect(() => faults.add({ platform: 'tocaro', kind: 'quota' })).toThrow(/Only LINE/)
  })
})

describe('webhook faults', () => {
  const texts = ({ bot }: Setup) => bot.received.map((request) => request.json.events[0].message.text)
  const say = ({ emulator }: Setup, text: string) => emulator.say({ platform: 'line', text })

  test('send a delivery twice with the same bytes', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'duplicate', count: 1 })
    await say(s, 'twice')
    expect(s.bot.received).toHaveLength(2)
    expect(s.bot.received[1]!.text).toBe(s.bot.received[0]!.text)
  })

  test('sign with another secret', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'bad-signature', count: 1 })
    await say(s, 'forged')
    const [request] = s.bot.received
    expect(request!.headers['x-line-signature']).not.toBe(
      createHmac('sha256', 'line-secret').update(request!.text).digest('base64'),
    )
  })

  test('let the next delivery go first', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'reorder', count: 1, delayMs: 60_000 })
    await Promise.all([say(s, 'first'), say(s, 'second')])
    expect(texts(s)).toEqual(['second', 'first'])
  })

  test('send late', async () => {
    const s = await setup()
    s.emulator.faults.add({ platform: 'line', kind: 'late', count: 1, delayMs: 30 })
    await Promise.all([say(s, 'late'), say(s, 'on time')])
    expect(texts(s)).toEqual(['on time', 'late'])
  })
})
