import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../support/eventually'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver'
import { createRedisServer, describeWithRedisServer } from '../support/redis-server'
import {
  type Service,
  type Stack,
  killLeftovers,
  root,
  runToEnd,
  startService,
  startStack,
} from '../support/stack'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})
afterAll(killLeftovers)

/** Echoes within a span of its author's own, and throws at what it can't bear. */
function tracedBot(): string {
  const dir = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  const file = join(dir, 'bot.ts')
  writeFileSync(
    file,
    `import { createRequire } from 'node:module'
import { defineBot } from 'hookline'
const { trace } = createRequire(process.cwd() + '/')('@opentelemetry/api')
export default defineBot((bot) => {
  bot.on('text', (ctx) =>
    trace.getTracer('author').startActiveSpan('look up', async (span) => {
      try {
        if (ctx.text === 'unbearable') throw new Error('I can not bear ' + ctx.text)
        if (ctx.text.startsWith('push')) await ctx.push(ctx.text)
        else await ctx.reply(ctx.text)
      } finally {
        span.end()
      }
    }),
  )
})`,
  )
  return file
}

const fast = { OTEL_BSP_SCHEDULE_DELAY: '50' }

async function setup(env: Record<string, string> = {}) {
  const receiver = await startOtlpReceiver()
  cleanups.push(() => receiver.close())
  const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, HOOKLINE_BOT: tracedBot(), ...fast }
  const stack = await startStack({ env: { ...traces, ...env } })
  cleanups.push(() => stack.stop())
  return { receiver, stack }
}

/** The spans as lines, each below its parent: what belongs to one trace is one tree. */
function tree({ spans }: Pick<OtlpReceiver, 'spans'>, describe: (span: ReceivedSpan) => string): string[] {
  const below = (parentId: string, depth: number): string[] =>
    spans
      .filter((span) => span.parentId === parentId)
      .flatMap((span) => [`${'  '.repeat(depth)}${describe(span)}`, ...below(span.spanId, depth + 1)])
  const lines = below('', 0)
  // A span whose parent never came would be missing here.
  expect(lines).toHaveLength(spans.length)
  return lines
}

const words = ({ service, kind, name, attributes: { 'hookline.attempt': attempt }, status }: ReceivedSpan) =>
  [String(service).replace('hookline-', ''), kind, name, attempt && `(${attempt})`, status]
    .filter(Boolean)
    .join(' ')

const ofKind = ({ spans }: OtlpReceiver, kind: string) => spans.filter((span) => span.kind === kind)

interface Line extends Record<string, unknown> {
  msg: string
}
const itemLines = ({ output }: Service) =>
  output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => msg === 'item')

test('one message is one trace through both processes, also when its call fails once', async () => {
  const { receiver, stack } = await setup()
  stack.emulator.faults.add({ platform: 'line', operation: 'reply', kind: '500', count: 1 })
  await stack.emulator.say({ platform: 'line', text: 'what I said' })
  const expected = [
    'ingress server POST /webhooks/:bot ok',
    '  ingress producer store line ok',
    '    worker consumer process line (1) api_unavailable',
    '      worker internal handler ok',
    '        worker internal look up ok',
    '      worker internal permit ok',
    '      worker internal token ok',
    '        worker client POST /oauth2/v3/token ok',
    '      worker client POST /v2/bot/message/reply 500',
    '    worker consumer process line (2) ok',
    '      worker internal permit ok',
    '      worker client POST /v2/bot/message/reply ok',
  ]
  await eventually(() => expect(tree(receiver, words)).toEqual(expected))
  expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1)
  const { port } = new URL(stack.emulator.url)
  expect(ofKind(receiver, 'client').at(-1)?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'url.template': '/v2/bot/message/reply',
  })
  expect(ofKind(receiver, 'server')[0]?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'http.route': '/webhooks/:bot',
    'hookline.bot': 'line',
  })
  expect(itemLines(stack.workers[0]!)).toMatchObject(
    ['retry', 'done'].map((outcome) => ({ outcome, trace_id: receiver.spans[0]?.traceId })),
  )
})

test('each event of a webhook has its own branch, and a sender can not choose the trace', async () => {
  const { receiver, stack } = await setup()
  const event = (text: string) => ({
    ...{ type: 'message', webhookEventId: text, timestamp: 1, mode: 'active' },
    ...{ source: { type: 'user', userId: 'U1' }, message: { type: 'text', id: '1', text } },
  })
  const body = JSON.stringify({ destination: 'U0', events: [event('push 1'), event('push 2')] })
  const secret = stack.env['LINE_CHANNEL_SECRET'] ?? ''
  const stranger = '0af7651916cd43dd8448eb211c80319c'
  const response = await fetch(`${stack.ingress.url}/webhooks/line`, {
    ...{ method: 'POST', body },
    headers: {
      'x-line-signature': createHmac('sha256', secret).update(body).digest('base64'),
      traceparent: `00-${stranger}-b7ad6b7169203331-01`,
    },
  })
  expect(response.status).toBe(200)
  const branch = [
    '  producer store line',
    '    consumer process line',
    '      internal handler',
    '        internal look up',
    '          internal permit',
    '          client POST /v2/bot/message/push',
  ]
  await eventually(() => {
    const lines = tree(receiver, ({ kind, name }) => `${kind} ${name}`).filter((line) => !/token/.test(line))
    expect(lines).toEqual(['server POST /webhooks/:bot', ...branch, ...branch])
  })
  expect(receiver.spans.map(({ traceId }) => traceId)).not.toContain(stranger)
})

test('an item stays in its trace as a dead letter and through a replay', async () => {
  const { receiver, stack } = await setup({ RETRY_ATTEMPTS: '1' })
  await stack.emulator.say({ platform: 'lineworks', text: 'unbearable' })
  await eventually(() => expect(ofKind(receiver, 'consumer')).toHaveLength(1))
  await eventually(async () => {
    const { code } = await runToEnd('dist/libs/cli/main.js', { REDIS_URL: stack.env['REDIS_URL'] ?? '' }, [
      ...['dead-letters', 'replay', '--reason', 'attempts_used_up', '--yes'],
    ])
    expect(code).toBe(0)
  })
  const expected = [
    'ingress server POST /webhooks/:bot ok',
    '  ingress producer store lineworks ok',
    ...[1, 2].flatMap(() => [
      '    worker consumer process lineworks (1) attempts_used_up',
      '      worker internal handler Error',
      '        worker internal look up ok',
    ]),
  ]
  await eventually(() => expect(tree(receiver, words)).toEqual(expected))
})

test('neither secrets nor what people say are in what is sent to the collector', async () => {
  const hook = 'the-secret-key-of-the-hook'
  const { receiver, stack } = await setup({
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=collector%20key,x-tenant=all',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=traces',
    TOCARO_ACCESS_TOKEN: '',
    TOCARO_WEBHOOK_URL: `http://127.0.0.1:9/hooks/${hook}`,
    RETRY_ATTEMPTS: '1',
  })
  const said = ['first thing said', 'second thing said', 'unbearable']
  for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
    for (const text of said) await stack.emulator.say({ platform, text })
  }
  await eventually(() => expect(ofKind(receiver, 'consumer')).toHaveLength(9))
  await eventually(() => expect(ofKind(receiver, 'client').map(({ name }) => name)).toContain('POST'))
  expect(receiver.headers()[0]).toMatchObject({ 'x-api-key': 'collector key', 'x-tenant': 'traces' })
  const credentials = Object.entries(stack.env)
    .filter(([name]) => /SECRET|TOKEN|KEY/.test(name))
    .map(([, value]) => value)
  const bytes = receiver.bytes()
  // What would be found if it were there.
  expect(bytes.includes('process tocaro')).toBe(true)
  for (const hidden of [hook, ...said, ...credentials].filter(Boolean))
    expect({ hidden, found: bytes.includes(hidden) }).toEqual({ hidden, found: false })
  expect(bytes.toString('latin1')).not.toMatch(/replyToken|Bearer/)
})

test('a collector that fails or hangs disturbs nothing, and is told of once', async () => {
  const { receiver, stack } = await setup({ OTEL_EXPORTER_OTLP_TIMEOUT: '60000', SHUTDOWN_TIMEOUT: '2' })
  receiver.answer(400)
  for (let i = 0; i < 5; i++) {
    await stack.emulator.say({ platform: 'lineworks', text: `${i}` })
    await eventually(() => expect(itemLines(stack.workers[0]!)).toHaveLength(i + 1))
  }
  const complaints = () => stack.output().match(/traces: OpenTelemetry has a problem/g) ?? []
  await eventually(() => expect(receiver.headers().length).toBeGreaterThan(4))
  await eventually(() => expect(complaints()).toHaveLength(2))
  receiver.answer('never')
  await stack.emulator.say({ platform: 'lineworks', text: 'last' })
  await eventually(() => expect(itemLines(stack.workers[0]!)).toHaveLength(6))
  // That the collector does not take what is left is not the fault of the work: it was finished in time.
  expect(await Promise.all([stack.ingress.end(), stack.workers[0]!.end()])).toEqual([0, 0])
  expect(stack.output()).not.toContain('not finished in time')
  expect(complaints()).toHaveLength(2)
})

test('without an endpoint the SDK is not even loaded', async () => {
  const loaded = async (settings: object) => {
    const code = `const { startTracing } = require('./dist/libs/observability')
      startTracing('worker', ${JSON.stringify(settings)}, {}).then(() => {
        console.log(Object.keys(require.cache).some((file) => file.includes('@opentelemetry/sdk-trace')))
        process.exit()
      })`
    return (await promisify(execFile)(process.execPath, ['-e', code], { cwd: root })).stdout.trim()
  }
  const otlpEndpoint = 'http://127.0.0.1:9'
  expect(await loaded({})).toBe('false')
  expect(await loaded({ otlpEndpoint, otelDisabled: true })).toBe('false')
  expect(await loaded({ otlpEndpoint })).toBe('true')
})

test('a sampler that only other SDKs know is told of and ignored', async () => {
  const code = `const { startTracing } = require('./dist/libs/observability')
    const warn = ({ error }) => console.log(error)
    startTracing('worker', { otlpEndpoint: 'http://127.0.0.1:9' }, { warn }).then(() => process.exit())`
  const env = { ...process.env, OTEL_TRACES_SAMPLER: 'xray' }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], { cwd: root, env })
  expect(stdout).toContain('OTEL_TRACES_SAMPLER value "xray" invalid, defaulting to "parentbased_always_on"')
})

test('the end of a process sends what is left', async () => {
  const { receiver, stack } = await setup({ OTEL_BSP_SCHEDULE_DELAY: '600000' })
  await stack.emulator.say({ platform: 'lineworks', text: 'hi' })
  await eventually(() => expect(itemLines(stack.workers[0]!)).toHaveLength(1))
  expect(receiver.spans).toEqual([])
  expect(await Promise.all([stack.ingress.end(), stack.workers[0]!.end()])).toEqual([0, 0])
  expect(receiver.spans.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['server', 'producer', 'consumer', 'client']),
  )
})

describe('the backlog', () => {
  const ask = async (service: Service) => {
    const page = await (await fetch(`${service.url}/metrics`)).text()
    const value = (name: string) => new RegExp(`^hookline_${name}\\{bot="line"\\} (.*)$`, 'm').exec(page)?.[1]
    const [items, lanes, age] = ['lane_items', 'lanes_waiting', 'oldest_item_age_seconds'].map(value)
    return { items, lanes, age: Number(age) }
  }

  test('is told by the ingress without any worker, and by both the same', async () => {
    const stack: Stack = await startStack({ workers: 0 })
    cleanups.push(() => stack.stop())
    expect(await ask(stack.ingress)).toEqual({ items: '0', lanes: '0', age: 0 })
    for (const user of ['ann', 'ann', 'bob']) await stack.emulator.say({ platform: 'line', user, text: 'hi' })
    await eventually(async () => {
      const { age, ...backlog } = await ask(stack.ingress)
      expect(backlog).toEqual({ items: '3', lanes: '2' })
      expect(age).toBeGreaterThan(0)
    })
    // Without an endpoint for traces nothing of them is stored.
    const items = await stack.redis.lrange((await stack.redis.keys('*:lane:*'))[0] ?? '', 0, -1)
    expect(items[0]).toContain('"handled":false')
    expect(items.join()).not.toContain('traceparent')
    const worker = await stack.addWorker()
    const empty = { items: '0', lanes: '0', age: 0 }
    await eventually(async () => expect(await ask(worker)).toEqual(empty))
    expect(await ask(stack.ingress)).toEqual(empty)
    expect(itemLines(worker)[0]).not.toHaveProperty('trace_id')
  })
})

describeWithRedisServer('a trace', () => {
  test('goes through the journal', async () => {
    const server = await createRedisServer()
    cleanups.push(() => server.remove())
    const receiver = await startOtlpReceiver()
    cleanups.push(() => receiver.close())
    const dir = mkdtempSync(join(tmpdir(), 'hookline-journal-'))
    cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
    const secret = 'line-secret-EXAMPLE'
    const ingress = await startService(
      'ingress',
      {
        ...{ LINE_CHANNEL_SECRET: secret, REDIS_URL: server.url, HOOKLINE_JOURNAL_DIR: dir },
        ...{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`, ...fast },
      },
      false,
    )
    cleanups.push(() => ingress.end('SIGKILL'))
    const source = { type: 'user', userId: 'U1' }
    const event = { type: 'follow', webhookEventId: 'e1', timestamp: 1, mode: 'active', source }
    const body = JSON.stringify({ destination: 'U0', events: [event] })
    const signature = createHmac('sha256', secret).update(body).digest('base64')
    const headers = { 'x-line-signature': signature }
    expect(await fetch(`${ingress.url}/webhooks/line`, { method: 'POST', body, headers })).toMatchObject({
      status: 200,
    })
    await eventually(() => expect(receiver.spans).toHaveLength(2))
    const producer = ofKind(receiver, 'producer')[0]
    expect(producer?.attributes['hookline.stored']).toBe('journaled')
    await server.start()
    await eventually(async () => {
      const [item] = await server.redis.lrange('{hookline:line}:lane:user:U1', 0, -1)
      expect(item).toContain(`"traceparent":"00-${producer?.traceId}-${producer?.spanId}-01"`)
    })
  })
})
