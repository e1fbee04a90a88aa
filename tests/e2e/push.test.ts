import { randomUUID } from 'node:crypto'
import type { DeadLetter } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { createPushClient, text } from '../support/push-client'
import { createRedisServer, describeWithRedisServer } from '../support/redis-server'
import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

const key = 'push-key-EXAMPLE'
let stack: Stack
const api = createPushClient(() => stack.ingress.url, key)

afterAll(killLeftovers)

type Platform = 'line' | 'lineworks' | 'tocaro'

const seen = (platform: Platform, conversation?: string) =>
  stack.emulator.ledger
    .messages({ platform, ...(conversation === undefined ? {} : { conversation }) })
    .flatMap(({ messages }) => (messages ?? []).map((message) => (message as { text: string }).text))

const cli = (...args: string[]) =>
  runToEnd('dist/libs/cli/main.js', { REDIS_URL: stack.env['REDIS_URL'] ?? '' }, args)

const lineUser = () => `U${randomUUID().replaceAll('-', '')}`

describe('a push', () => {
  beforeAll(async () => {
    stack = await startStack({ env: { HOOKLINE_API_KEY: key }, settings: { lineworksRatePerMinute: 10_000 } })
  })
  afterAll(() => stack.stop())
  beforeEach(() => stack.emulator.faults.clear())

  test.each<[Platform, string, string]>([
    ['line', 'user', lineUser()],
    ['line', 'group', `C${randomUUID().replaceAll('-', '')}`],
    ['lineworks', 'user', randomUUID()],
    ['lineworks', 'channel', randomUUID()],
    ['tocaro', 'group', 'gr1'],
    ['tocaro', 'channel', 'gr1'],
  ])('is sent on %s to a %s, and says so', async (bot, kind, id) => {
    const [one, two] = [randomUUID(), randomUUID()]
    const pushed = await api.accepted(bot, { to: { [kind]: id }, messages: text(one, two) })
    const status = await api.becomes(pushed, 'sent')
    expect(status).toMatchObject({ id: pushed, bot, failures: 0 })
    expect(status.to).toEqual({ [bot === 'tocaro' ? 'group' : kind]: id })
    expect(status.messages).toEqual([1, 2].map(() => ({ status: 'sent', parts: 1, partsSent: 1 })))
    expect(Date.parse(status.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(status.acceptedAt))
    expect(seen(bot, id).filter((said) => said === one || said === two)).toEqual([one, two])
  })

  test('of a message longer than the platform takes is sent in parts, and counted as one', async () => {
    const user = randomUUID()
    const pushed = await api.accepted('lineworks', { to: { user }, messages: text('長'.repeat(4500), 'end') })
    const { messages } = await api.becomes(pushed, 'sent')
    expect(messages).toEqual([
      { status: 'sent', parts: 3, partsSent: 3 },
      { status: 'sent', parts: 1, partsSent: 1 },
    ])
    expect(seen('lineworks', user)).toHaveLength(4)
  })

  test('is heard by no handler, and logged and counted as a push', async () => {
    const secret = randomUUID()
    const pushed = await api.accepted('line', { to: { user: lineUser() }, messages: text(secret) })
    await api.becomes(pushed, 'sent')
    expect(seen('line').filter((said) => said === secret)).toHaveLength(1)
    const lines = await eventually(() => {
      const found = stack
        .output()
        .split('\n')
        .filter((line) => line.includes(pushed))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(found).toHaveLength(2)
      return found
    })
    expect(lines).toMatchObject([
      { msg: 'push', bot: 'line', stored: 'stored', messages: 1, types: ['text'] },
      { msg: 'item', bot: 'line', type: 'push', outcome: 'done', calls: { sent: 1 } },
    ])
    expect(stack.output()).not.toContain(secret)
    const metrics = await (await fetch(`${stack.ingress.url}/metrics`)).text()
    expect(metrics).toMatch(/hookline_push_requests_total\{bot="line",result="stored"\} [1-9]/)
    expect(metrics).toMatch(/hookline_events_total\{bot="line",type="push"\} [1-9]/)
  })

  test('waits while the platform asks to, says why, and then is sent', async () => {
    stack.emulator.faults.add({ platform: 'lineworks', kind: '429', delayMs: 3000, count: 1 })
    const user = randomUUID()
    const first = await api.accepted('lineworks', { to: { user }, messages: text('one') })
    const waiting = await api.becomes(first, 'waiting')
    expect(waiting).toMatchObject({ reason: 'closed', failures: 0, messages: [{ status: 'waiting' }] })
    expect(Date.parse(waiting.nextTryAt ?? '')).toBeGreaterThan(Date.parse(waiting.acceptedAt))
    // An answer and another push wait behind it, in the order in which they came.
    await stack.emulator.say({ platform: 'lineworks', user, text: 'two' })
    const third = await api.accepted('lineworks', { to: { user }, messages: text('three') })
    expect((await api.status(third)).status).toBe('queued')
    await api.becomes(third, 'sent')
    expect(seen('lineworks', user)).toEqual(['one', 'two', 'three'])
    expect(await api.status(first)).not.toHaveProperty('reason')
  })

  test('that the platform refuses fails with its words, is replayed, fails again and is discarded', async () => {
    const to = { user: 'Uunknown' }
    const pushed = await api.accepted('line', { to, messages: text('1', '2', '3', '4', '5', '6') })
    const failed = await api.becomes(pushed, 'failed')
    expect(failed).toMatchObject({ reason: 'rejected', explanation: expect.stringContaining('400') })
    expect(failed.messages.at(-1)).toMatchObject({ status: 'failed', partsSent: 0 })
    const shown = await cli('dead-letters', 'show', failed.deadLetter ?? '')
    expect(shown.output).toContain('Push: sent through the HTTP API')
    const replayed = await cli('dead-letters', 'replay', failed.deadLetter ?? '', '--yes')
    expect(replayed.output).toContain('Replayed 1 dead letter')
    const again = await eventually(async () => {
      const status = await api.becomes(pushed, 'failed')
      expect(status.deadLetter).not.toBe(failed.deadLetter)
      return status
    })
    const listed = await cli('dead-letters', 'list', '--json')
    const letters = listed.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as DeadLetter)
    expect(letters.find(({ id }) => id === again.deadLetter)?.item.event).toMatchObject({
      type: 'push',
      key: pushed,
    })
    await cli('dead-letters', 'discard', again.deadLetter ?? '', '--yes')
    const discarded = await api.status(pushed)
    expect(discarded).toMatchObject({ status: 'discarded', reason: 'rejected' })
    expect(discarded.messages.at(-1)).toMatchObject({ status: 'discarded' })
    expect(discarded).not.toHaveProperty('deadLetter')
  })

  test('under one Idempotency-Key is sent once, and another one under it is refused', async () => {
    const user = randomUUID()
    const body = { to: { user }, messages: text('once') }
    const header = { 'idempotency-key': randomUUID() }
    const answers = await Promise.all([1, 2, 3, 4].map(() => api.push('lineworks', body, header)))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    const [id] = new Set(answers.map((answer) => answer.body.id))
    await api.becomes(id ?? '', 'sent')
    expect(await api.push('lineworks', body, header)).toMatchObject({ status: 202, body: { id } })
    const other = await api.push('lineworks', { ...body, messages: text('twice') }, header)
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } })
    // The same key of another bot is another key.
    await api.becomes(
      await api.accepted('line', { to: { user: lineUser() }, messages: text('x') }, header),
      'sent',
    )
    const last = await api.accepted('lineworks', { to: { user }, messages: text('last') })
    await api.becomes(last, 'sent')
    expect(seen('lineworks', user)).toEqual(['once', 'last'])
  })

  test('under way when its worker is killed comes to LINE under the same retry key, once', async () => {
    const user = lineUser()
    stack.emulator.faults.add({ platform: 'line', operation: 'push', kind: 'slow', delayMs: 2000, count: 1 })
    const pushed = await api.accepted('line', { to: { user }, messages: text('survives') })
    await eventually(async () => {
      const { status, messages } = await api.status(pushed)
      expect([status, messages[0]?.status]).toEqual(['sending', 'sending'])
    })
    await stack.workers[0]?.end('SIGKILL')
    await stack.addWorker()
    const status = await api.becomes(pushed, 'sent')
    expect(status.messages).toEqual([{ status: 'sent', parts: 1, partsSent: 1 }])
    const sends = stack.emulator.ledger.after(0).filter(({ operation, conversation }) => {
      return operation === 'push' && conversation?.id === user
    })
    expect(seen('line', user)).toEqual(['survives'])
    expect(new Set(sends.map(({ retryKey }) => retryKey)).size).toBe(1)
  })

  describe('hookline send', () => {
    const run = (args: string[], env: Record<string, string> = {}) =>
      runToEnd('dist/libs/cli/main.js', { HOOKLINE_URL: stack.ingress.url, HOOKLINE_API_KEY: key, ...env }, [
        'send',
        ...args,
      ])

    test('sends texts and JSON in one push, and waits until they are sent', async () => {
      const user = randomUUID()
      const message = JSON.stringify({ type: 'text', text: 'three' })
      const { code, output } = await run([
        'lineworks',
        `user:${user}`,
        'one',
        '二',
        '--message',
        message,
        '--wait',
      ])
      expect([code, output]).toEqual([0, expect.stringMatching(/^sent: lineworks\.[0-9a-f]{32}, 3 of 3/m)])
      expect(seen('lineworks', user)).toEqual(['one', '二', 'three'])
    })

    test('prints the id, as JSON where asked, and sends once under one key', async () => {
      const user = randomUUID()
      const args = ['lineworks', `user:${user}`, 'hi', '--key', randomUUID(), '--json']
      const first = await run(args)
      const { id } = JSON.parse(first.output.split('\n').find((line) => line.startsWith('{')) ?? '') as {
        id: string
      }
      expect((await run(args)).output).toContain(id)
      await api.becomes(id, 'sent')
      expect(seen('lineworks', user)).toEqual(['hi'])
    })

    test('says with its exit code that a push failed', async () => {
      const { code, output } = await run(['line', 'user:Uunknown', 'hi', '--wait', '30'])
      expect([code, output]).toEqual([2, expect.stringContaining('dead-letters show')])
    })

    test('says with its exit code that it is not sent yet', async () => {
      const user = randomUUID()
      stack.emulator.faults.add({ platform: 'lineworks', kind: '429', delayMs: 4000, count: 1 })
      const { code, output } = await run(['lineworks', `user:${user}`, 'late', '--wait', '1'])
      expect([code, output]).toEqual([3, expect.stringMatching(/waiting: .*asked to wait/s)])
      await eventually(() => expect(seen('lineworks', user)).toEqual(['late']))
    })

    test.each<[string, string[], Record<string, string>, RegExp]>([
      ['a wrong target', ['line', 'U1', 'hi'], {}, /"U1" is no target/],
      ['nothing to send', ['line', 'user:U1'], {}, /nothing to send/],
      ['a wrong key', ['line', 'user:U1', 'hi'], { HOOKLINE_API_KEY: 'wrong' }, /HTTP 401: The key is wrong/],
      ['no key', ['line', 'user:U1', 'hi'], { HOOKLINE_API_KEY: '' }, /HOOKLINE_API_KEY is not set/],
      [
        'a refused field',
        ['line', 'user:U1', '--message', '{"type":"text"}'],
        {},
        /messages\[0\]\.text is missing/,
      ],
      ['no JSON', ['line', 'user:U1', '--message', '{'], {}, /--message is no JSON/],
      ['nobody there', ['line', 'user:U1', 'hi', '--url', 'http://127.0.0.1:1'], {}, /can't be reached/],
    ])('%s is told in words, exit code 1', async (_name, args, env, words) => {
      const { code, output } = await run(args, env)
      expect([code, output]).toEqual([1, expect.stringMatching(words)])
      expect(output).not.toContain('    at ')
    })
  })
})

describeWithRedisServer('a push while Redis is away', () => {
  test('is journaled and answered, its status says so, and it is sent once later', async () => {
    const server = await createRedisServer()
    await server.start()
    stack = await startStack({ env: { HOOKLINE_API_KEY: key, REDIS_URL: server.url } })
    try {
      await server.kill()
      const user = randomUUID()
      const body = { to: { user }, messages: text('kept') }
      const header = { 'idempotency-key': randomUUID() }
      const id = await api.accepted('lineworks', body, header)
      expect(await api.accepted('lineworks', body, header)).toBe(id)
      await expect(api.status(id)).rejects.toThrow(/^503 .*status_unavailable/)
      await server.start()
      await api.becomes(id, 'sent')
      expect(await api.accepted('lineworks', body, header)).toBe(id)
      expect(seen('lineworks', user)).toEqual(['kept'])
      expect(stack.output()).toContain('"stored":"journaled"')
    } finally {
      await stack.stop()
      await server.remove()
    }
  })
})
