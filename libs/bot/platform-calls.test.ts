import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { ApiRequest, ApiResponse, Conversation, Event, PlatformName } from '#libs/contract'
import { closeAll, setup as startEmulator, type Setup } from '../emulator/emulator.test.support'
import { createSender } from '../platforms'
import type { Context } from './context'
import { platformCalls } from './portable-calls'

afterEach(closeAll)

const userId = `U${'1'.repeat(32)}`
const groupId = `C${'2'.repeat(32)}`
const user: Conversation = { kind: 'user', id: userId }
const group: Conversation = { kind: 'group', id: groupId }
const retryKey = () => '5d0c2a4e-0000-4000-8000-000000000001'

/** A bot's calls against the emulator, through the real client and HTTP. */
async function setup(settings: Parameters<typeof startEmulator>[0] = {}) {
  const s = await startEmulator(settings)
  const worksToken = (await s.worksToken()).body.access_token
  const fixed = (token: string) => ({ get: async () => token, invalidate: async () => undefined })
  const { url } = s.emulator
  const senders = {
    line: createSender(
      { platform: 'line', name: 'shop', apiBaseUrl: url, dataApiBaseUrl: url, replyFallback: 'park' },
      fixed('line-long-lived'),
    ),
    lineworks: createSender(
      {
        ...{ platform: 'lineworks', name: 'desk', botId: '2000001', apiBaseUrl: `${url}/v1.0` },
        ...{ serviceAccount: 'a@example.com', limits: { perMinute: 240 } },
      },
      fixed(worksToken),
    ),
    tocaro: createSender(
      {
        ...{ platform: 'tocaro', name: 'hall', apiBaseUrl: url, postPath: '/groups/{group}/messages' },
        ...{ hasAccessToken: true, limits: { perMinute: 60 } },
      },
      fixed('tocaro-access'),
    ),
  }
  const on = <P extends PlatformName>(platform: P, event: Partial<Event> & object = {}) => {
    const base = {
      key: 'k',
      platform,
      bot: 'b',
      conversation: user,
      userId,
      occurredAt: 1,
      receivedAt: 1,
      raw: {},
    }
    const call = (request: ApiRequest) => senders[platform].request(request, { retryKey: retryKey() })
    const full = { ...base, type: 'text', text: '', ...event } as Event
    const { portable, native } = platformCalls(full, { call, abort: new AbortController() })
    return { ...portable, [platform]: native(platform) } as unknown as Context<Event, P>
  }
  return { ...s, on }
}

const listOf = async <T>(items: AsyncIterable<T>) => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
const failure = (made: Promise<unknown>) =>
  made.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error,
  )

/** A user sends a content; resolves with what the event knows of it. */
async function sendLine({ emulator, bot }: Setup, message: Record<string, unknown>, conversation = user) {
  const source = conversation.kind === 'user' ? { type: 'user', userId } : { type: 'group', groupId, userId }
  await emulator.sendEvent({ platform: 'line', events: [{ type: 'message', source, message }] })
  const raw = bot.received.at(-1)?.json.events[0]
  const sent = raw as unknown as { message: { id: string } }
  return { type: 'video', raw, contentId: sent.message.id, conversation } as unknown as Partial<Event>
}

describe('portable calls on LINE', () => {
  test('profile: of the user, of a member of a group, undefined for a stranger', async () => {
    const s = await setup({ strictRecipients: true })
    await s.emulator.say({ platform: 'line', text: 'hi', user: userId, room: groupId })
    expect(await s.on('line').profile()).toEqual({ userId, displayName: expect.any(String), language: 'ja' })
    expect(await s.on('line', { conversation: group }).profile()).toMatchObject({ userId })
    expect(await s.on('line').profile(`U${'9'.repeat(32)}`)).toBeUndefined()
    expect(s.emulator.ledger.after(0).filter(({ operation }) => operation === 'profile')).toHaveLength(3)
  })

  test('memberIds: all pages of a group, the user alone', async () => {
    const s = await setup()
    const ids = Array.from({ length: 230 }, (_, i) => `U${String(i).padStart(32, '0')}`)
    const events = ids.map((id) => ({
      type: 'message',
      source: { type: 'group', groupId, userId: id },
      message: { type: 'text', text: 'x' },
    }))
    await s.emulator.sendEvent({ platform: 'line', events, batch: true })
    expect(await listOf(s.on('line', { conversation: group }).memberIds())).toEqual(ids)
    expect(await listOf(s.on('line').memberIds())).toEqual([userId])
    expect(await listOf(s.on('line').line.followers())).toEqual(ids)
    s.emulator.configure({ lineVerified: false })
    expect(await failure(listOf(s.on('line').line.followers()))).toMatchObject({ status: 403 })
  })

  test('conversationInfo and leave', async () => {
    const s = await setup()
    await s.emulator.say({ platform: 'line', text: 'hi', user: userId, room: groupId })
    const inGroup = s.on('line', { conversation: group })
    expect(await inGroup.conversationInfo()).toEqual({
      kind: 'group',
      id: groupId,
      name: 'Group C22222',
      memberCount: 1,
    })
    expect(await s.on('line').conversationInfo()).toMatchObject({ kind: 'user', name: expect.any(String) })
    await inGroup.leave()
    expect(await inGroup.conversationInfo()).toEqual({ kind: 'group', id: groupId })
    expect(await failure(s.on('line').leave())).toMatchObject({ code: 'no_target' })
  })

  test('download: bytes or a stream, capped', async () => {
    const s = await setup()
    const event = await sendLine(s, { type: 'file', fileName: 'a.bin', fileSize: 5000 })
    const content = await s.on('line', event).download()
    expect(content).toMatchObject({ contentType: 'application/octet-stream', size: 5000 })
    expect((await content.bytes()).length).toBe(5000)
    expect((await buffer((await s.on('line', event).download()).stream())).length).toBe(5000)
    const capped = await s.on('line', event).download({ maxBytes: 4999 })
    expect(await failure(capped.bytes())).toMatchObject({ code: 'api_rejected' })
  })

  test('download: waits while LINE prepares, for so long', async () => {
    const s = await setup({ lineTranscodingMs: 1000 })
    const event = await sendLine(s, { type: 'video', duration: 1 })
    const waiting = s.on('line', event).download()
    await s.emulator.ledger.waitFor(({ operation }) => operation === 'content.transcoding', 10_000)
    s.time.now += 1000
    expect((await (await waiting).bytes()).length).toBe(64 * 1024)
    const late = await sendLine(s, { type: 'audio', duration: 1 })
    expect(await failure(s.on('line', late).download({ waitMs: 0 }))).toMatchObject({
      code: 'api_unavailable',
      status: 202,
    })
  })

  test('download: what LINE can not prepare, what was taken back, what is no content', async () => {
    const s = await setup({ lineTranscodingFails: true })
    const event = await sendLine(s, { type: 'video' })
    expect(await failure(s.on('line', event).download())).toMatchObject({ code: 'api_rejected', status: 202 })
    const image = await sendLine(s, { type: 'image' })
    const { contentId: messageId = '' } = image as { contentId?: string }
    expect(await s.on('line').line.preview(messageId)).toMatchObject({ contentType: 'image/png' })
    await s.emulator.sendEvent({ platform: 'line', events: [{ type: 'unsend', unsend: { messageId } }] })
    expect(await failure(s.on('line', image).download())).toMatchObject({ code: 'api_rejected', status: 410 })
    expect(await failure(s.on('line').download())).toMatchObject({ code: 'message_invalid' })
  })

  test('download: a content elsewhere is fetched without the token', async () => {
    const s = await setup()
    let authorization: string | undefined = 'not asked'
    const server = createServer((request, response) => {
      authorization = request.headers.authorization
      response.setHeader('content-type', 'video/mp4').end('elsewhere')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const contentUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.mp4`
    const content = await s.on('line', { type: 'video', contentUrl }).download()
    expect([content.contentType, String(await content.bytes()), authorization]).toEqual([
      'video/mp4',
      'elsewhere',
      undefined,
    ])
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('courtesies: loading in fives, read with the event’s token; never an error', async () => {
    const s = await setup()
    const event = await sendLine(s, { type: 'text', text: 'hi' })
    await s.on('line', event).showLoading(7)
    await s.on('line', event).markAsRead()
    await s.on('line', { conversation: group }).showLoading()
    await s.on('line').markAsRead()
    s.emulator.faults.add({ platform: 'line', operation: 'loading', kind: '500', count: 1 })
    await s.on('line').showLoading()
    const calls = s.emulator.ledger.after(0).filter(({ kind }) => kind === 'api')
    expect(calls.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      ...['token 200', 'loading 202', 'markAsRead 200', 'loading 500'],
    ])
  })
})

describe('LINE’s own calls', () => {
  test('multicast, broadcast and narrowcast send once per retry key', async () => {
    const s = await setup()
    const { line } = s.on('line')
    await s.emulator.say({ platform: 'line', text: 'hi', user: userId })
    await line.multicast([userId], 'hello')
    await line.multicast([userId], 'hello')
    expect(s.emulator.ledger.messages()).toMatchObject([
      {
        operation: 'multicast',
        to: [userId],
        messages: [{ type: 'text', text: 'hello' }],
        retryKey: retryKey(),
      },
    ])
    expect(await line.quotaConsumption()).toEqual({ totalUsage: 1 })
    expect(await line.quota()).toEqual({ type: 'none' })
    expect(await line.deliveries('multicast', '20261001')).toEqual({ status: 'ready', success: 1 })
  })

  test('narrowcast tells its request, by which its progress is asked', async () => {
    const s = await setup()
    const { line } = s.on('line')
    await s.emulator.say({ platform: 'line', text: 'hi', user: userId })
    const { requestId } = await line.narrowcast('hello', { limit: { max: 10 } })
    expect(await line.narrowcastProgress(requestId)).toMatchObject({ phase: 'succeeded', successCount: 1 })
    // The key is taken: the answer to a repeat names the request that was.
    expect(await line.narrowcast('hello')).toEqual({ requestId })
  })

  test('beyond the quota are refused with its own code', async () => {
    const s = await setup({ lineMonthlyQuota: 0 })
    await s.emulator.say({ platform: 'line', text: 'hi', user: userId })
    expect(await failure(s.on('line').line.broadcast('hello'))).toMatchObject({ code: 'api_quota_exhausted' })
  })

  test('with what LINE would not take are refused before they are made', async () => {
    const { on, emulator } = await setup()
    const { line } = on('line')
    for (const made of [line.push(userId, []), line.broadcast(Array(6).fill('x')), line.multicast([], 'x')])
      expect(await failure(made)).toMatchObject({ code: 'message_invalid' })
    expect(emulator.ledger.after(0).filter(({ operation }) => operation !== 'token')).toEqual([])
  })

  test('bot, link token, webhook endpoint, validation', async () => {
    const s = await setup()
    const { line } = s.on('line')
    expect(await line.botInfo()).toMatchObject({ userId: s.accounts.line.botUserId })
    expect(await line.linkToken(userId)).toMatch(/\S{10}/)
    await line.setWebhookEndpoint(`${s.bot.url}/new`)
    expect(await line.webhookEndpoint()).toEqual({ endpoint: `${s.bot.url}/new`, active: true })
    expect(await line.testWebhookEndpoint()).toMatchObject({ success: true, reason: 'OK' })
    await line.validate('push', 'hello')
    expect((await line.push(userId, 'hello', { notificationDisabled: true })).sentMessages).toHaveLength(1)
  })

  test.each<[string, (line: Context<Event, 'line'>['line']) => Promise<unknown>, string]>([
    [
      'linkRichMenu',
      (line) => line.linkRichMenu('U1', 'r1'),
      'POST /v2/bot/user/{userId}/richmenu/{richMenuId}',
    ],
    ['unlinkRichMenu', (line) => line.unlinkRichMenu('U1'), 'DELETE /v2/bot/user/{userId}/richmenu'],
    ['richMenuOf', (line) => line.richMenuOf('U1'), 'GET /v2/bot/user/{userId}/richmenu'],
  ])('%s asks the right endpoint', async (_name, make, expected) => {
    const asked: string[] = []
    const call = async ({ method, path }: ApiRequest): Promise<ApiResponse> => {
      asked.push(`${method} ${path}`)
      return { status: 200, headers: {}, body: { richMenuId: 'r1' } }
    }
    const event = { platform: 'line', conversation: user } as Event
    const { native } = platformCalls(event, { call, abort: new AbortController() })
    await make(native('line')!)
    expect(asked).toEqual([expected])
  })
})

describe('LINE WORKS', () => {
  const channel = (id: string): Partial<Event> => ({ conversation: { kind: 'channel', id } })

  test('rooms: made, looked at, left', async () => {
    const s = await setup()
    const { lineworks } = s.on('lineworks')
    const members = Array.from({ length: 100 }, (_, i) => `user-${i}`)
    const { channelId } = await lineworks.createRoom({ members, title: 'Plan' })
    await s.emulator.say({ platform: 'lineworks', text: 'hi', user: 'user-100', room: channelId })
    const inRoom = s.on('lineworks', channel(channelId))
    expect(await listOf(inRoom.memberIds())).toEqual([...members, 'user-100'])
    expect(await inRoom.conversationInfo()).toEqual({
      kind: 'channel',
      id: channelId,
      name: 'Plan',
      type: 'MULTI_USERS',
    })
    await inRoom.leave()
    expect(await failure(inRoom.conversationInfo())).toMatchObject({ code: 'api_rejected', status: 403 })
    expect(await failure(s.on('lineworks').leave())).toMatchObject({ code: 'no_target' })
    expect([await s.on('lineworks').profile(), await s.on('lineworks').conversationInfo()]).toEqual([
      undefined,
      undefined,
    ])
  })

  test('rooms: ten a minute, then 429 with the time to wait', async () => {
    const { lineworks } = (await setup()).on('lineworks')
    for (let i = 0; i < 10; i++) await lineworks.createRoom({ members: ['a'] })
    expect(await failure(lineworks.createRoom({ members: ['a'] }))).toMatchObject({
      ...{ code: 'api_rate_limited', retryAfterMs: 60_000, limit: { amount: 10 } },
    })
  })

  test('upload, send, download through the other host; an upload address works once', async () => {
    const s = await setup()
    const { lineworks } = s.on('lineworks')
    const bytes = Buffer.from('内容 of the file')
    const fileId = await lineworks.upload('見積書.pdf', bytes, { contentType: 'application/pdf' })
    const content = await s.on('lineworks', { type: 'file', contentId: fileId }).download()
    expect([content.contentType, await content.bytes()]).toEqual(['application/pdf', bytes])
    expect(await failure((await lineworks.download(fileId, { maxBytes: 3 })).bytes())).toMatchObject({
      code: 'api_rejected',
    })
    await lineworks.sendFile({ kind: 'user', id: 'u1' }, 'a.txt', bytes)
    expect(s.emulator.ledger.messages()).toMatchObject([{ to: ['u1'], messages: [{ type: 'file' }] }])
    s.time.now += 24 * 3_600_000
    expect(await failure(lineworks.download(fileId))).toMatchObject({ status: 401 })
  })

  test('bots: registered, changed, given to a domain, removed', async () => {
    const { lineworks } = (await setup()).on('lineworks')
    const fields = {
      botName: 'Help',
      photoUrl: 'https://a.example/p.png',
      description: 'd',
      administrators: ['u1'],
    }
    const { botId } = await lineworks.createBot(fields)
    expect(await listOf(lineworks.bots())).toHaveLength(2)
    expect(await lineworks.updateBot({ ...fields, botName: 'Desk' }, botId)).toMatchObject({
      botName: 'Desk',
    })
    expect(await lineworks.patchBot({ description: 'e' }, botId)).toMatchObject({
      botName: 'Desk',
      description: 'e',
    })
    await lineworks.addToDomain(50010001, { visible: true }, botId)
    await lineworks.updateDomain(50010001, { visible: false }, botId)
    expect(await listOf(lineworks.domains(botId))).toEqual([{ domainId: 50010001, visible: false }])
    expect(await listOf(lineworks.domainMembers(50010001, botId))).toEqual([])
    await lineworks.removeFromDomain(50010001, botId)
    expect(await lineworks.reissueSecret(botId)).toMatch(/\S{10}/)
    await lineworks.deleteBot(botId)
    expect(await failure(lineworks.bot(botId))).toMatchObject({ status: 404 })
  })
})

describe('Tocaro', () => {
  test('lists users and groups page by page, and can not leave', async () => {
    const s = await setup()
    await s.emulator.registerTocaro()
    for (let i = 0; i < 101; i++)
      await s.emulator.say({ platform: 'tocaro', text: 'x', user: `us${i}`, room: 'grops' })
    const ctx = s.on('tocaro')
    expect(await listOf(ctx.tocaro.users())).toHaveLength(101)
    expect(await listOf(ctx.tocaro.groups({ query: 'ops' }))).toEqual([{ code: 'grops', name: 'grops' }])
    expect(await failure(listOf(ctx.tocaro.groups({ path: '/wrong' })))).toMatchObject({ status: 404 })
    expect([await ctx.profile(), await ctx.conversationInfo(), await listOf(ctx.memberIds())]).toEqual([
      undefined,
      undefined,
      [],
    ])
    await ctx.showLoading()
    await ctx.markAsRead()
    expect(await failure(ctx.leave())).toMatchObject({ code: 'no_target' })
    expect(await failure(ctx.download())).toMatchObject({ code: 'message_invalid' })
  })
})
