import { createHmac, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { listDeadLetters } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 2, settings: { lineworksRatePerMinute: 10_000 } })
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

/** A request as a platform sends it, byte for byte; the answer as a stranger sees it. */
async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${stack.ingress.url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
  })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

const hmac = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('base64')
const secretOf = (name: string) => stack.env[name] ?? ''

const postLine = (body: string, secret = secretOf('LINE_CHANNEL_SECRET')) =>
  post('/webhooks/line', body, { 'x-line-signature': hmac(body, secret) })
const postLineworks = (body: string, headers: Record<string, string> = {}) =>
  post('/webhooks/lineworks', body, {
    'x-works-signature': hmac(body, secretOf('LINEWORKS_BOT_SECRET')),
    'x-works-botid': secretOf('LINEWORKS_BOT_ID'),
    ...headers,
  })

function lineworksText(text: string, issuedTime = new Date().toISOString()): string {
  return JSON.stringify({
    type: 'message',
    source: { userId: randomUUID(), domainId: 1 },
    issuedTime,
    content: { type: 'text', text },
  })
}

function tocaroText(text: string, token: string, eventTime = Date.now(), ts = Date.now()): string {
  const item = { type: 'message', ts, text, mentions: [], group: 'gr1', user: 'us1' }
  return JSON.stringify({
    type: 'event_callback',
    token,
    authedUser: 'us9',
    eventTime,
    event: { type: 'message.posted', user: 'us1', item },
  })
}

/** Texts that users saw, of one platform. */
function answers(platform: 'line' | 'lineworks' | 'tocaro'): string[] {
  return stack.emulator.ledger
    .messages({ platform })
    .flatMap((entry) => (entry.messages ?? []).map((message) => String((message as { text?: string }).text)))
}

async function metric(line: RegExp): Promise<number> {
  const pages = await Promise.all(
    [stack.ingress, ...stack.workers].map(async (service) => (await fetch(`${service.url}/metrics`)).text()),
  )
  return pages
    .flatMap((page) => page.split('\n'))
    .filter((text) => line.test(text))
    .reduce((sum, text) => sum + Number(text.split(' ').at(-1)), 0)
}

describe('a webhook in, a reply out', () => {
  test('LINE: two events in one request, with emoji and escapes', async () => {
    const sent = await stack.emulator.sendEvent({
      platform: 'line',
      batch: true,
      events: ['絵文字 😀', 'second 𠮷'].map((text) => ({
        type: 'message',
        message: { type: 'text', id: '1', text },
      })),
    })
    expect(sent).toMatchObject([{ delivered: true, status: 200 }])
    await eventually(() =>
      expect(answers('line')).toEqual(expect.arrayContaining(['絵文字 😀', 'second 𠮷'])),
    )
  })

  test('LINE: the connection check without events', async () => {
    expect(await postLine('{"destination":"U00000000000000000000000000000001","events":[]}')).toMatchObject({
      status: 200,
    })
  })

  test('LINE WORKS: one-to-one and in a room', async () => {
    await stack.emulator.say({ platform: 'lineworks', text: '一対一' })
    await stack.emulator.say({ platform: 'lineworks', text: 'トークルーム', room: 'room-1' })
    await eventually(() =>
      expect(answers('lineworks')).toEqual(expect.arrayContaining(['一対一', 'トークルーム'])),
    )
    const paths = stack.emulator.ledger.messages({ platform: 'lineworks' }).map((entry) => entry.operation)
    expect(new Set(paths)).toEqual(new Set(['users.messages', 'channels.messages']))
  })

  test('Tocaro: an event, after the handshake', async () => {
    expect(await stack.emulator.say({ platform: 'tocaro', text: 'とかろ' })).toMatchObject({
      delivered: true,
    })
    await eventually(() => expect(answers('tocaro')).toContain('とかろ'))
  })

  test('Tocaro: the bot does not answer its own post', async () => {
    stack.emulator.configure({ echoOwnPosts: true })
    await stack.emulator.say({ platform: 'tocaro', text: 'こだま' })
    await eventually(async () => expect(await metric(/^hookline_ignored_events_total.*own_message/)).toBe(1))
    stack.emulator.configure({ echoOwnPosts: false })
    await stack.emulator.say({ platform: 'tocaro', text: '静寂' })
    await eventually(() => expect(answers('tocaro')).toContain('静寂'))
    expect(answers('tocaro').filter((text) => text === 'こだま')).toHaveLength(1)
  })

  test('a text longer than the platform allows arrives whole, in parts', async () => {
    const text = '長い文章です。👨‍👩‍👧‍👦'.repeat(300)
    await stack.emulator.say({ platform: 'lineworks', text })
    await eventually(() => expect(answers('lineworks').slice(-3).join('')).toContain(text.slice(0, 100)))
    await eventually(() =>
      expect(
        answers('lineworks')
          .filter((part) => part.length > 100)
          .join(''),
      ).toBe(text),
    )
  })

  test('a sticker is declined politely in the user’s language', async () => {
    await stack.emulator.sendEvent({
      platform: 'line',
      events: [
        {
          type: 'message',
          message: {
            type: 'sticker',
            id: '2',
            packageId: '1',
            stickerId: '2',
            stickerResourceType: 'STATIC',
          },
        },
      ],
    })
    await eventually(() =>
      expect(answers('line')).toContain('申し訳ありません。今はテキストメッセージにだけお答えできます。'),
    )
  })
})

describe('Tocaro’s challenge', () => {
  const handshake = (path: string, token: string) =>
    post(path, JSON.stringify({ token, challenge: 'c-7f3a', type: 'url_verification' }), {
      'content-type': 'application/json',
    })

  test.each([
    '/events/url_verification',
    '/events/url_verification/',
    '/events/events/url_verification',
    '/events',
    '/webhooks/tocaro',
    '/webhooks/tocaro/events/url_verification',
    '/webhooks/tocaro/url_verification',
  ])('is answered at %s with exactly the challenge', async (path) => {
    expect(await handshake(path, secretOf('TOCARO_SIGNING_SECRET'))).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"challenge":"c-7f3a"}',
    })
  })

  test.each(['/events', '/webhooks/tocaro'])('is not echoed at %s to a wrong token', async (path) => {
    const answer = await handshake(path, 'wrong')
    expect(answer.status).toBe(401)
    expect(answer.body).not.toContain('c-7f3a')
  })
})

describe('what is not authentic', () => {
  const body = '{"destination":"U1","events":[]}'
  test('is refused with the same 401, whatever is wrong', async () => {
    const refused = [
      await post('/webhooks/line', body),
      await post('/webhooks/line', body, { 'x-line-signature': hmac(body, 'forged') }),
      await post('/webhooks/line', body, { 'x-line-signature': 'c2hvcnQ=' }),
      await post('/webhooks/line', body, { 'x-line-signature': '%%% no base64 %%%' }),
      await post('/webhooks/lineworks', body),
      await postLineworks(lineworksText('x'), { 'x-works-botid': '999' }),
      await post('/webhooks/lineworks', body, { 'x-works-signature': hmac(body, 'forged') }),
      await post('/webhooks/tocaro', tocaroText('x', 'forged')),
      await post('/events', tocaroText('x', 'forged')),
      await post('/webhooks/nobody', body),
      await post('/webhooks/nobody', body, {
        'x-line-signature': hmac(body, secretOf('LINE_CHANNEL_SECRET')),
      }),
    ]
    expect(new Set(refused.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify(refused[0])]),
    )
    expect(refused[0]?.status).toBe(401)
  })

  test('a body of 3 MB is refused with 413', async () => {
    expect((await post('/webhooks/line', 'x'.repeat(3_000_000))).status).toBe(413)
  })

  test('a body of unknown length is refused with 413 as soon as it is too large', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${stack.ingress.url}/webhooks/line`, { method: 'POST' }, (response) =>
        resolve(response.statusCode),
      )
      request.on('error', reject)
      for (let i = 0; i < 48; i++) request.write('x'.repeat(65_536))
      request.end()
    })
    expect(status).toBe(413)
  })

  test('GET is refused with 405', async () => {
    const response = await fetch(`${stack.ingress.url}/webhooks/line`)
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('what is authentic but not understood', () => {
  test('is answered 200, counted, kept, and reaches no handler', async () => {
    const before = await metric(/^hookline_unknown_events_total/)
    const token = secretOf('TOCARO_SIGNING_SECRET')
    const garbage = [
      await postLine('this is not JSON'),
      await postLine('{"hello":"world"}'),
      await postLineworks('[1,2,3]'),
      await post('/webhooks/tocaro', JSON.stringify({ token, type: 'surprise' })),
    ]
    expect(garbage.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
    expect(await metric(/^hookline_unknown_events_total/)).toBe(before + 4)
    await eventually(async () => {
      const letters = await Promise.all(
        ['line', 'lineworks', 'tocaro'].map((bot) => listDeadLetters(stack.redis, bot)),
      )
      expect(letters.flat().map((letter) => letter.reason)).toEqual(Array(4).fill('not_understood'))
    })
  })
})

describe('a duplicate delivery', () => {
  test('of a LINE event, redelivered in another body, is handled once', async () => {
    const event = (isRedelivery: boolean) => ({
      type: 'message',
      mode: 'active',
      timestamp: 1_790_000_000_000,
      webhookEventId: '01M3250V00EXAMPMEKEYDUP001',
      deliveryContext: { isRedelivery },
      source: { type: 'user', userId: 'U1111111111111111111111111111111a' },
      replyToken: 'unused',
      message: { type: 'sticker', id: '1', packageId: '1', stickerId: '1', stickerResourceType: 'STATIC' },
    })
    const handled = () => metric(/^hookline_items_total.*bot="line"/)
    const before = await handled()
    const body = (flag: boolean) => JSON.stringify({ destination: 'U1', events: [event(flag)] })
    expect((await postLine(body(false))).status).toBe(200)
    await eventually(async () => expect(await handled()).toBe(before + 1))
    expect((await postLine(body(true))).status).toBe(200)
    // What comes after it in the same lane shows that it did not come again.
    const marker = { ...event(false), webhookEventId: '01M3250V00EXAMPMEKEYDUP002' }
    expect((await postLine(JSON.stringify({ destination: 'U1', events: [marker] }))).status).toBe(200)
    await eventually(async () => expect(await handled()).toBe(before + 2))
  })

  test('of a LINE WORKS body is handled once, an equal text a moment later twice', async () => {
    const body = lineworksText('同じ本文')
    const source = JSON.parse(body).source
    const later = (text: string, ms: number) => {
      const issuedTime = new Date(Date.now() + ms).toISOString()
      return JSON.stringify({ ...JSON.parse(lineworksText(text, issuedTime)), source })
    }
    for (const each of [body, body, later('同じ本文', 7), later('目印', 9)]) {
      expect((await postLineworks(each)).status).toBe(200)
    }
    await eventually(() => expect(answers('lineworks')).toContain('目印'))
    expect(answers('lineworks').filter((text) => text === '同じ本文')).toHaveLength(2)
  })

  test('of a Tocaro event with another eventTime and the retry header is handled once', async () => {
    const token = secretOf('TOCARO_SIGNING_SECRET')
    const ts = Date.now()
    expect(await post('/webhooks/tocaro', tocaroText('再送', token, ts, ts))).toMatchObject({ status: 200 })
    expect(
      await post('/webhooks/tocaro', tocaroText('再送', token, ts + 60_000, ts), { 'x-tocaro-retry': '1' }),
    ).toMatchObject({ status: 200 })
    expect(await post('/events', tocaroText('印', token))).toMatchObject({ status: 200 })
    await eventually(() => expect(answers('tocaro')).toContain('印'))
    expect(answers('tocaro').filter((text) => text === '再送')).toHaveLength(1)
  })
})

test('acks before the platform’s API answers', async () => {
  const fault = stack.emulator.faults.add({
    platform: 'lineworks',
    kind: 'slow',
    delayMs: 1000,
    operation: 'users.messages',
  })
  const said = await stack.emulator.say({ platform: 'lineworks', text: '遅いAPI' })
  expect(said.delivered).toBe(true)
  expect(answers('lineworks')).not.toContain('遅いAPI')
  await eventually(() => expect(answers('lineworks')).toContain('遅いAPI'))
  stack.emulator.faults.clear(fault.id)
})

test('two workers have fetched one access token per platform', () => {
  expect(stack.emulator.ledger.tokensMinted('line')).toBe(1)
  expect(stack.emulator.ledger.tokensMinted('lineworks')).toBe(1)
})

test('no secret is in Redis, in the logs or in the metrics', async () => {
  const secrets = Object.entries(stack.env)
    .filter(([name]) => /SECRET|TOKEN|KEY/.test(name))
    .flatMap(([name, value]) => (name.includes('PRIVATE_KEY') ? [value.split('\n')[1] ?? ''] : [value]))
  expect(stack.emulator.ledger.messages().length).toBeGreaterThan(5)
  const metrics = await Promise.all(
    [stack.ingress, ...stack.workers].map(async (service) => (await fetch(`${service.url}/metrics`)).text()),
  )
  const everything = [await dump(), stack.output(), ...metrics].join('\n')
  expect(secrets.length).toBeGreaterThan(5)
  for (const secret of secrets) expect(everything).not.toContain(secret)
})

/** Every value in Redis, of every kind. */
async function dump(): Promise<string> {
  const values: unknown[] = []
  for (const key of await stack.redis.keys('*')) {
    const kind = await stack.redis.type(key)
    if (kind === 'string') values.push(key, await stack.redis.get(key))
    if (kind === 'list') values.push(key, await stack.redis.lrange(key, 0, -1))
    if (kind === 'hash') values.push(key, await stack.redis.hgetall(key))
    if (kind === 'zset') values.push(key, await stack.redis.zrange(key, 0, '-1'))
    if (kind === 'set') values.push(key, await stack.redis.smembers(key))
    if (kind === 'stream') values.push(key, await stack.redis.xrange(key, '-', '+'))
  }
  return JSON.stringify(values)
}
