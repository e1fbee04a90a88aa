import { closeAll, setup, type Setup } from './emulator.test.support'
import { pageOf } from './page.test.support'
import type { Act, Deed } from './page-types'

afterEach(closeAll)

let world: Setup
let page: ReturnType<typeof pageOf>
beforeEach(async () => {
  world = await setup()
  page = pageOf(world)
})

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUg==', 'base64')
const data = png.toString('base64')
const place = { address: '1-2 Example', latitude: 35.01, longitude: 139.02 }
const tap = (action: Record<string, unknown>, params?: Record<string, unknown>): Deed => ({
  ...{ kind: 'tap', action },
  ...(params ? { params } : {}),
})

type Case = [Act['platform'], string, Deed, object, Partial<Act>?]
const group = { room: 'Project' }

/** What the ingress reads from the webhook of each deed. */
const told: Case[] = [
  ['line', 'text', { kind: 'text', text: 'やあ 😀' }, { type: 'text', text: 'やあ 😀' }],
  [
    'line',
    'text in a group',
    { kind: 'text', text: 'hi' },
    { type: 'text', conversation: { kind: 'group' } },
    group,
  ],
  [
    ...(['line', 'mention', { kind: 'text', text: 'status', mentionsBot: true }] as const),
    { type: 'text', mentions: [{ index: 0, length: 13, self: true }] },
    group,
  ],
  [
    'line',
    'sticker',
    { kind: 'sticker', packageId: '1', stickerId: '2' },
    { type: 'sticker', packageId: '1' },
  ],
  ['line', 'image', { kind: 'image', data, contentType: 'image/png' }, { type: 'image' }],
  ['line', 'file', { kind: 'file', name: 'plan.pdf', data }, { type: 'file', fileName: 'plan.pdf' }],
  [
    'line',
    'location',
    { kind: 'location', title: 'Depot', ...place },
    { type: 'location', title: 'Depot', ...place },
  ],
  [
    ...([
      'line',
      'postback',
      tap({ type: 'postback', data: 'a=1', displayText: 'One', inputOption: 'openKeyboard' }),
    ] as const),
    { type: 'postback', data: 'a=1' },
  ],
  ['line', 'message', tap({ type: 'message', label: 'Yes', text: 'yes' }), { type: 'text', text: 'yes' }],
  [
    ...([
      'line',
      'date',
      tap({ type: 'datetimepicker', data: 'd', mode: 'datetime' }, { datetime: '2026-10-01T10:30' }),
    ] as const),
    { type: 'postback', data: 'd', params: { datetime: '2026-10-01T10:30' } },
  ],
  ['line', 'camera', tap({ type: 'camera', label: 'Camera' }), { type: 'image' }],
  ['line', 'camera roll', tap({ type: 'cameraRoll', label: 'Roll' }, { data }), { type: 'image' }],
  [
    'line',
    'location button',
    tap({ type: 'location', label: 'Here' }),
    { type: 'location', title: 'Tokyo Station' },
  ],
  [
    ...([
      'line',
      'menu switch',
      tap({ type: 'richmenuswitch', richMenuAliasId: 'b', data: 'to-b' }),
    ] as const),
    {
      type: 'postback',
      data: 'to-b',
      params: { newRichMenuAliasId: 'b', status: 'RICHMENU_ALIAS_ID_NOTFOUND' },
    },
  ],
  ['line', 'follow', { kind: 'follow' }, { type: 'follow' }],
  ['line', 'unfollow', { kind: 'unfollow' }, { type: 'unfollow' }],
  ['line', 'join', { kind: 'join' }, { type: 'join', conversation: { kind: 'group' } }, group],
  ['line', 'leave', { kind: 'leave' }, { type: 'leave' }, group],
  ['lineworks', 'text', { kind: 'text', text: 'やあ' }, { type: 'text', conversation: { kind: 'user' } }],
  [
    'lineworks',
    'text in a room',
    { kind: 'text', text: 'hi' },
    { type: 'text', conversation: { kind: 'channel' } },
    group,
  ],
  [
    'lineworks',
    'mention',
    { kind: 'text', text: 'x', mentionsBot: true },
    { text: '@Emulated bot x' },
    group,
  ],
  [
    'lineworks',
    'sticker',
    { kind: 'sticker', packageId: '2', stickerId: '41' },
    { type: 'sticker', stickerId: '41' },
  ],
  ['lineworks', 'image', { kind: 'image' }, { type: 'image' }],
  ['lineworks', 'file', { kind: 'file', name: 'a.txt', data }, { type: 'file' }],
  ['lineworks', 'location', { kind: 'location', ...place }, { type: 'location', ...place }],
  [
    'lineworks',
    'postback',
    tap({ type: 'postback', data: 'a=1', displayText: 'One' }),
    { type: 'postback', data: 'a=1' },
  ],
  [
    'lineworks',
    'message',
    tap({ type: 'message', label: 'Yes', postback: 'y=1' }),
    { type: 'text', text: 'Yes' },
  ],
  ['lineworks', 'camera', tap({ type: 'camera', label: 'Camera' }), { type: 'image' }],
  ['lineworks', 'location button', tap({ type: 'location', label: 'Here' }), { type: 'location' }],
  ['lineworks', 'follow', { kind: 'follow' }, { type: 'begin' }],
  ['lineworks', 'unfollow', { kind: 'unfollow' }, { type: 'end' }],
  ['lineworks', 'join', { kind: 'join' }, { type: 'join' }, group],
  ['lineworks', 'leave', { kind: 'leave' }, { type: 'leave' }, group],
  [
    'tocaro',
    'text',
    { kind: 'text', text: 'やあ' },
    { type: 'text', text: 'やあ', conversation: { kind: 'group', id: 'gremulator' } },
  ],
  ['tocaro', 'mention', { kind: 'text', text: 'x', mentionsBot: true }, { text: '@Emulated bot: x' }, group],
]

test.each(told)(
  '%s: %s is what the ingress takes for it',
  async (platform, _what, does, expected, where = {}) => {
    const { status, line, delivery } = await page.act(platform, does, where)
    expect([status, delivery]).toMatchObject([200, { status: 200, outcome: 'ok' }])
    expect(line?.webhook).toEqual(expect.any(String))
    expect(page.events()).toMatchObject([expected])
  },
)

const untold: [Act['platform'], string, Deed, string][] = [
  ['line', 'uri', tap({ type: 'uri', uri: 'https://example.com' }), 'opened https://example.com'],
  ['line', 'clipboard', tap({ type: 'clipboard', clipboardText: 'code' }), 'copied code'],
  ['lineworks', 'uri', tap({ type: 'uri', uri: 'https://example.com' }), 'opened https://example.com'],
  ['lineworks', 'copy', tap({ type: 'copy', copyText: 'code' }), 'copied code'],
]

test.each(untold)('%s: %s stays on the phone', async (platform, _what, does, words) => {
  const { status, line } = await page.act(platform, does)
  expect([status, line?.words]).toEqual([200, words])
  expect(page.events()).toEqual([])
})

const impossible: [Act['platform'], Deed][] = [
  ['line', tap({ type: 'copy', copyText: 'x' })],
  ['line', { kind: 'edit', messageId: '1', text: 'x' }],
  ['line', { kind: 'unsend', messageId: '1' }],
  ['line', tap({ type: 'datetimepicker', data: 'd', mode: 'date' }, { date: 'tomorrow' })],
  ['lineworks', tap({ type: 'datetimepicker', data: 'd', mode: 'date' }, { date: '2026-10-01' })],
  ['lineworks', tap({ type: 'clipboard', clipboardText: 'x' })],
  ['lineworks', { kind: 'unsend', messageId: '1' }],
  ['lineworks', { kind: 'edit', messageId: '1', text: 'x' }],
  ['tocaro', { kind: 'sticker', packageId: '1', stickerId: '2' }],
  ['tocaro', { kind: 'image' }],
  ['tocaro', { kind: 'file', name: 'a', data }],
  ['tocaro', { kind: 'location', ...place }],
  ['tocaro', { kind: 'follow' }],
  ['tocaro', tap({ type: 'postback', data: 'a' })],
  ['tocaro', { kind: 'unsend', messageId: '1' }],
  ['tocaro', { kind: 'edit', messageId: '1', text: 'x' }],
]

test.each(impossible)('%s refuses %j, and nothing is sent', async (platform, does) => {
  const { status, error } = await page.act(platform, does)
  expect([status, error]).toEqual([400, expect.any(String)])
  expect(page.events()).toEqual([])
})

test('a LINE message is edited in a group and taken back, on the same line', async () => {
  const said = await page.act('line', { kind: 'text', text: 'meet at 18' }, group)
  const messageId = said.line?.messageId ?? ''
  const edited = await page.act('line', { kind: 'edit', messageId, text: 'meet at 19' }, group)
  expect(edited.line).toMatchObject({ id: said.line?.id, edited: true, message: { text: 'meet at 19' } })
  const unsent = await page.act('line', { kind: 'unsend', messageId }, group)
  expect(unsent.line).toMatchObject({ id: said.line?.id, unsent: true })
  expect(unsent.line).not.toHaveProperty('message')
  expect(page.events()).toMatchObject([
    { type: 'text' },
    { messageId, text: 'meet at 19' },
    { type: 'unsend', messageId },
  ])
  expect(JSON.parse(world.bot.received[1]?.text ?? '').events[0].message).not.toHaveProperty(
    'markAsReadToken',
  )
  expect((await page.act('line', { kind: 'unsend', messageId }, group)).status).toBe(400)
})

test('what a user uploads is what the bot downloads, and no document of this origin', async () => {
  const html = Buffer.from('<script>alert(1)</script>')
  const file = {
    kind: 'file',
    name: 'x.html',
    data: html.toString('base64'),
    contentType: 'text/html',
  } as const
  const onLine = await page.act('line', file)
  const got = await world.line(`/v2/bot/message/${onLine.line?.messageId}/content`)
  expect([got.status, got.text]).toEqual([200, html.toString()])
  await page.act('lineworks', file)
  const [, works] = page.events() as { contentId?: string }[]
  const token = (await world.worksToken()).body.access_token
  const redirect = await fetch(`${world.emulator.url}/v1.0/bots/2000001/attachments/${works?.contentId}`, {
    ...{ redirect: 'manual', headers: { authorization: `Bearer ${token}` } },
  })
  const bytes = await fetch(redirect.headers.get('location') ?? '', {
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await bytes.text()).toBe(html.toString())
  const shown = await world.call('GET', onLine.line?.content ?? '')
  expect(Object.fromEntries(shown.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
})

test('a user who blocked a LINE bot says nothing and sees nothing until they follow again', async () => {
  await page.act('line', { kind: 'unfollow' })
  expect((await page.act('line', { kind: 'text', text: 'x' })).status).toBe(400)
  const { users } = (
    await page.get<{ platforms: { users: { id: string; name: string; follows: boolean }[] }[] }>('/state')
  ).platforms[0]!
  const taro = users.find(({ name }) => name === 'Taro')
  expect(taro?.follows).toBe(false)
  const push = { to: taro?.id, messages: [{ type: 'text', text: 'hello' }] }
  expect((await world.line('/v2/bot/message/push', push)).status).toBe(200)
  await page.act('line', { kind: 'follow' })
  expect(page.events().at(-1)).toMatchObject({ type: 'follow', isUnblocked: true })
})

test('a new user follows and a new room has the bot in it', async () => {
  const user = JSON.parse((await page.post('/users', { platform: 'line', name: 'Jiro' })).text) as {
    id: string
  }
  expect(user).toMatchObject({ name: 'Jiro', follows: true })
  const room = await page.post('/rooms', { platform: 'lineworks', name: 'Sales', members: ['Taro'] })
  expect([room.status, JSON.parse(room.text)]).toMatchObject([
    201,
    { name: 'Sales', kind: 'channel', joined: true },
  ])
  expect(page.events()).toMatchObject([{ type: 'follow' }, { type: 'join' }])
})
