import { request } from 'node:http'
import { eventually } from '../../tests/support/eventually'
import { closeAll, setup, type Setup } from './emulator.test.support'
import { pageOf } from './page.test.support'
import type { Exchange, ExchangeRow, PageEvent, PageState, Scenario } from './page-types'

afterEach(closeAll)

let world: Setup
let page: ReturnType<typeof pageOf>
beforeEach(async () => {
  world = await setup()
  page = pageOf(world)
})

/** fetch sets Host and Origin itself. */
function raw(path: string, headers: Record<string, string>, method = 'GET', body = '') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const outgoing = request(world.emulator.url + path, { method, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    },
  )
}

describe('the page itself', () => {
  test('is served with a strict policy, and takes no path of a platform', async () => {
    const { status, headers, text } = await raw('/', {})
    expect([status, text]).toEqual([200, expect.stringContaining('<div id="app">')])
    expect(headers['content-security-policy']).toMatch(
      /script-src 'self';style-src 'self';img-src 'self' data: blob: https:;.*connect-src 'self';.*frame-ancestors 'none'/,
    )
    expect(headers['x-content-type-options']).toBe('nosniff')
    for (const file of ['app.js', 'app.css', 'theme.js', 'icon.svg'])
      expect((await raw(`/${file}`, {})).status).toBe(200)
    expect((await world.line('/v2/bot/info')).status).toBe(200)
    expect((await raw('/users', {})).status).toBe(401)
    expect((await raw('/index.js', {})).status).toBe(404)
    expect((await raw('/%2e%2e/package.json', {})).status).toBe(404)
  })

  test.each([
    [{ host: 'evil.example:3002' }, 403],
    [{ host: 'evil.example' }, 403],
    [{ host: '127.0.0.1:3002', origin: 'http://evil.example' }, 403],
    [{ host: '127.0.0.1:3002', origin: 'null' }, 403],
    [{ host: '127.0.0.1:3002', origin: 'http://127.0.0.1:9999' }, 403],
    [{ host: '127.0.0.1:3002', origin: 'http://127.0.0.1:3002' }, 200],
    [{ host: '127.0.0.1:3002', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ host: '127.0.0.1:3002', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
    [{ host: '127.0.0.1:3002', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
    [{ host: 'localhost:3002' }, 200],
    [{ host: '[::1]:3002' }, 200],
    [{ host: 'emulator:3002' }, 200],
  ])('answers %j with %d', async (headers, status) => {
    for (const path of ['/', '/__emulator', '/__emulator/page/state'])
      expect([path, (await raw(path, headers)).status]).toEqual([path, status])
  })

  test('lets any name call a platform, and takes no deed that is not JSON', async () => {
    expect((await raw('/v2/bot/info', { host: 'evil.example' })).status).toBe(401)
    const deed = JSON.stringify({ platform: 'line', user: 'Taro', does: { kind: 'text', text: 'x' } })
    const form = await raw('/__emulator/page/act', { 'content-type': 'text/plain' }, 'POST', deed)
    expect([form.status, page.events()]).toEqual([415, []])
  })
})

describe('the chats', () => {
  const lines = (events: PageEvent[]) =>
    events.flatMap((event) => (event.kind === 'line' ? [event.line] : []))

  test('show what was said by any way, and the stream tells it again to whoever comes later', async () => {
    const early = await page.stream(0)
    await page.act('line', { kind: 'text', text: 'from the page' })
    await world.emulator.say({ platform: 'lineworks', user: 'u1', text: 'by say' })
    const received = JSON.parse(world.bot.received[0]!.text).events[0]
    await world.line('/v2/bot/message/reply', {
      replyToken: received.replyToken,
      messages: [{ type: 'text', text: 'pong' }],
    })
    const last = (seen: PageEvent[]) =>
      Object.values(Object.fromEntries(lines(seen).map((line) => [line.id, line])))
    const expected = [
      {
        from: { kind: 'user', name: 'Taro' },
        message: { text: 'from the page' },
        delivery: { outcome: 'ok' },
      },
      { from: { kind: 'user', id: 'u1' }, lane: 'user:u1', message: { text: 'by say' } },
      { from: { kind: 'bot' }, via: 'reply', message: { text: 'pong' } },
    ]
    await eventually(() => expect(last(early.events)).toMatchObject(expected))
    expect(early.type).toBe('text/event-stream')
    const late = await page.stream(0)
    await eventually(() => expect(last(late.events)).toMatchObject(expected))
    const { seq } = await page.get<PageState>('/state')
    const upToDate = await page.stream(seq)
    await eventually(() => expect(upToDate.events.map(({ kind }) => kind)).toContain('scenario'))
    expect(lines(upToDate.events)).toEqual([])
    const back = await page.stream(0, { 'last-event-id': String(lines(late.events)[1]!.seq) })
    await eventually(() => expect(lines(back.events).length).toBeGreaterThan(0))
    expect(lines(back.events)[0]!.seq).toBeGreaterThan(lines(late.events)[1]!.seq)
    for (const stream of [early, late, upToDate, back]) stream.close()
  })

  test('show the refusals of the platform in its own words, where they concern', async () => {
    await page.act('line', { kind: 'text', text: 'x' })
    const { replyToken } = JSON.parse(world.bot.received[0]!.text).events[0]
    await page.post('/faults', { kind: 'reply-token-expired', durationMs: 1000 })
    await world.line('/v2/bot/message/reply', { replyToken, messages: [{ type: 'text', text: 'late' }] })
    const { platforms, faults } = await page.get<PageState>('/state')
    const note = platforms[0]!.lines.at(-1)
    expect(note).toMatchObject({
      from: { kind: 'note' },
      note: 'refused',
      error: { status: 400, body: '{"message":"Invalid reply token"}' },
    })
    expect(note?.lane).toBe(platforms[0]!.lines[0]!.lane)
    expect(faults).toMatchObject([
      { fault: { kind: 'reply-token-expired' }, hits: 1, endsAt: world.time.now + 1000 },
    ])
  })

  test('say when the bot did not take a webhook', async () => {
    world.bot.answer = () => ({ status: 500 })
    const { delivery } = await page.act('lineworks', { kind: 'text', text: 'x' })
    expect(delivery).toMatchObject({ status: 500, outcome: 'error_status_code' })
    world.emulator.configure({ lineWebhookActive: false })
    expect((await page.act('line', { kind: 'text', text: 'x' })).delivery?.outcome).toBe('webhook_off')
  })

  test('show what the bot says in a LINE WORKS talk that a postback named by its room', async () => {
    const tapped = await page.act('lineworks', {
      kind: 'tap',
      action: { type: 'postback', data: 'a', displayText: 'A' },
    })
    const { channelId } = JSON.parse(world.bot.received[0]!.text).source
    const token = (await world.worksToken()).body.access_token
    await world.works(`/channels/${channelId}/messages`, token, { content: { type: 'text', text: 'ok' } })
    const works = (await page.get<PageState>('/state')).platforms[1]!
    expect(works.lines).toMatchObject([
      { lane: tapped.line?.lane, message: { text: 'A' }, words: 'postback a' },
      { lane: tapped.line?.lane, from: { kind: 'bot' } },
    ])
    expect(tapped.line?.lane).toMatch(/^user:/)
    expect(works.rooms.map(({ name }) => name)).toEqual(['Project'])
  })
})

describe('faults', () => {
  test('a platform that is down cuts every call, until its time is over', async () => {
    await page.post('/faults', { kind: 'platform-down', platform: 'line', durationMs: 5000 })
    await expect(world.line('/v2/bot/info')).rejects.toThrow()
    await expect(world.line('/v2/bot/nothing')).rejects.toThrow()
    expect((await world.tocaro('/users')).status).toBe(200)
    expect((await page.get<PageState>('/state')).faults).toMatchObject([{ hits: 2 }])
    world.time.now += 5000
    expect((await world.line('/v2/bot/info')).status).toBe(200)
    expect((await page.get<PageState>('/state')).faults).toEqual([])
  })

  test('are told to open pages with their hits, also those of the control API', async () => {
    const { events, close } = await page.stream(0)
    const faults = () => events.flatMap((event) => (event.kind === 'faults' ? event.faults : []))
    await world.call('POST', '/__emulator/faults', { body: { platform: 'line', kind: '429', count: 2 } })
    await eventually(() => expect(faults().at(-1)).toMatchObject({ fault: { kind: '429' }, hits: 0 }))
    expect((await world.line('/v2/bot/info')).status).toBe(429)
    await eventually(() => expect(faults().at(-1)).toMatchObject({ hits: 1 }))
    expect((await world.call('DELETE', '/__emulator/page/faults', { body: {} })).text).toBe('[]')
    close()
  })

  test.each([
    [{ kind: 'redis-down' }, /Redis is not the emulator’s to stop/],
    [{ kind: 'reply-token-expired', platform: 'tocaro' }, /Only LINE has reply tokens/],
    [{ kind: 'nonsense', platform: 'line' }, /This fault is wrong/],
  ])('%j is refused here', async (body, words) => {
    const answer = await page.post('/faults', body)
    expect([answer.status, answer.body.error]).toEqual([400, expect.stringMatching(words)])
    expect((await page.post('/kill-worker', {})).status).toBe(400)
  })
})

describe('exchanges', () => {
  const all = async () => (await page.get<{ exchanges: ExchangeRow[] }>('/exchanges?limit=500')).exchanges
  const find = async (row: ExchangeRow | undefined) => page.get<Exchange>(`/exchanges/${row?.id}`)

  test('hold no credential, in no header, body, address or command', async () => {
    for (const platform of ['line', 'lineworks', 'tocaro'] as const)
      await page.act(platform, { kind: 'text', text: 'x' })
    await world.line('/v2/bot/info')
    await world.tocaro('/groups/gremulator/messages', { text: 'tocaro-access is my token' })
    await world.call('POST', '/integrations/inbound_webhook/hook0key', { body: { text: 'x' } })
    const { access_token: token, refresh_token: refresh } = (await world.worksToken()).body
    await world.works('/users/u1/messages', token, { content: { type: 'text', text: 'x' } })
    await world.form('/oauth2/v3/token', {
      ...{ grant_type: 'client_credentials', client_id: '2000000001', client_secret: 'line-secret' },
    })
    await world.call('GET', `/oauth2/v2.1/verify?access_token=${token}`)
    const rows = await all()
    const text = JSON.stringify([rows, await Promise.all(rows.map(find))])
    expect(rows.length).toBeGreaterThanOrEqual(12)
    const secrets = [
      token,
      refresh,
      'line-long-lived',
      'tocaro-access',
      'tocaro-secret',
      'hook0key',
      'line-secret',
    ]
    expect(
      [...secrets, 'works-client-secret', 'works-secret', 'eyJ'].filter((each) => text.includes(each)),
    ).toEqual([])
  })

  test('explain the signature, and say when it was forged', async () => {
    await page.act('line', { kind: 'text', text: 'x' })
    await page.post('/faults', { platform: 'line', kind: 'bad-signature', count: 1 })
    await world.emulator.say({ platform: 'line', text: 'forged' })
    const [first, second] = await Promise.all((await all()).map(find))
    expect([first, second]).toMatchObject([
      { direction: 'webhook', status: 200, signature: { header: 'x-line-signature', good: true } },
      { fault: 'bad-signature', signature: { good: false } },
    ])
    expect(first?.signature?.value).toBe(world.bot.received[0]?.headers['x-line-signature'])
    expect(first?.requestBody).toBe(world.bot.received[0]?.text)
    expect(first?.curl).toContain(`-H 'x-line-signature: ${first?.signature?.value}'`)
  })

  test('keep the answer of a refused call and name its variables', async () => {
    await world.line('/v2/bot/message/push', { to: 'nobody', messages: [{ type: 'text', text: "it's" }] })
    const push = await find((await all())[0])
    expect(push).toMatchObject({
      ...{ operation: 'push', status: 400, requestHeaders: { authorization: 'Bearer ***' } },
      ...{ responseBody: expect.stringContaining('invalid'), variables: ['LINE_CHANNEL_ACCESS_TOKEN'] },
    })
    expect(push.curl).toContain(`'authorization: Bearer '"$LINE_CHANNEL_ACCESS_TOKEN"`)
    expect((await world.call('GET', '/__emulator/page/exchanges/none')).status).toBe(404)
  })
})

describe('scenarios', () => {
  test('are recorded with distances, and played again with the messages of the new run', async () => {
    await page.post('/scenario/record', {})
    const { line } = await page.act('line', { kind: 'text', text: 'oops' }, { room: 'Project' })
    await page.act('tocaro', { kind: 'sticker', packageId: '1', stickerId: '2' })
    await page.act('line', { kind: 'unsend', messageId: line?.messageId ?? '' }, { room: 'Project' })
    await page.post('/faults', { platform: 'line', kind: '429', durationMs: 100 })
    const scenario = JSON.parse((await page.post('/scenario/stop', { name: 'slip' })).text) as Scenario
    expect(scenario).toMatchObject({
      ...{ version: 1, name: 'slip' },
      steps: [
        { do: 'act', messageId: line?.messageId },
        { do: 'act', act: { does: { kind: 'unsend' } } },
        { do: 'fault' },
      ],
    })
    expect(scenario.steps.every(({ afterMs }) => afterMs >= 0)).toBe(true)
    world.time.now += 1000
    expect((await page.post('/scenario/play?speed=10', scenario)).status).toBe(202)
    await eventually(async () =>
      expect((await page.get<PageState>('/state')).scenario.playing).toBeUndefined(),
    )
    expect((await page.get<PageState>('/state')).scenario.failed).toBeUndefined()
    const [, , said, unsent] = page.events() as { messageId?: string }[]
    expect(unsent?.messageId).toBe(said?.messageId)
    expect(said?.messageId).not.toBe(line?.messageId)
  })

  test('say which step went wrong, and go on', async () => {
    const text = { kind: 'text', text: 'x' }
    const steps = [
      { afterMs: 0, do: 'kill-worker' },
      { afterMs: 0, do: 'act', act: { platform: 'line', user: 'Taro', does: text } },
    ]
    await page.post('/scenario/play', { version: 1, name: 's', steps })
    await eventually(() => expect(page.events()).toHaveLength(1))
    await eventually(async () =>
      expect((await page.get<PageState>('/state')).scenario).toEqual({
        ...{ recording: false, steps: 0, failed: [expect.stringMatching(/^step 1: There is no worker/)] },
      }),
    )
    const wrong = await page.post('/scenario/play', { version: 1, name: 's', steps: [{ do: 'jump' }] })
    expect([wrong.status, wrong.body.error]).toEqual([400, expect.stringContaining('steps')])
  })

  test('one that waits for its next step can be ended, and another one played at once', async () => {
    const act = { do: 'act', act: { platform: 'line', user: 'Taro', does: { kind: 'text', text: 'x' } } }
    const long = { version: 1, name: 'long', steps: [{ afterMs: 3_600_000, ...act }] }
    await page.post('/scenario/play', long)
    expect((await page.post('/scenario/play/end', {})).status).toBe(200)
    await eventually(async () =>
      expect((await page.get<PageState>('/state')).scenario.playing).toBeUndefined(),
    )
    expect((await page.post('/scenario/play', { ...long, steps: [] })).status).toBe(202)
    expect(page.events()).toEqual([])
  })
})

test('the way of a message that has none is 404, or null for a page that goes on asking', async () => {
  expect((await raw('/__emulator/page/story?webhook=x', {})).status).toBe(404)
  expect(await raw('/__emulator/page/story?webhook=x&none=null', {})).toMatchObject({
    status: 200,
    text: 'null',
  })
})
