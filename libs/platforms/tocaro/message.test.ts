import type { Event, Message, PlanRequest, Target } from '#libs/contract'
import { limitOf, planTocaro, type TocaroOutSettings } from './message'

const hooks = { gr1: 'https://hooks.example/in/key1', gr2: 'https://hooks.example/in/key2' }

function setup(overrides: Partial<TocaroOutSettings> = {}) {
  const settings: TocaroOutSettings = {
    name: 'ops',
    apiBaseUrl: 'https://api.example',
    postPath: '/groups/{group}/messages',
    hasAccessToken: true,
    limits: { perMinute: 60 },
    ...overrides,
  }
  const plan = (request: PlanRequest) => planTocaro(request, settings)
  return {
    reply: (conversation: Event['conversation'], ...messages: Message[]) =>
      plan({ kind: 'reply', event: eventIn(conversation), messages }),
    push: (target: Target, ...messages: Message[]) => plan({ kind: 'push', target, messages }),
  }
}

function eventIn(conversation: Event['conversation']): Event {
  const times = { occurredAt: 1, receivedAt: 2 }
  return {
    type: 'text',
    text: 'hi',
    key: 'k',
    platform: 'tocaro',
    bot: 'ops',
    conversation,
    raw: {},
    ...times,
  }
}

function thrownBy(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}

const text = (value: string): Message => ({ type: 'text', text: value })
const group = (id: string) => ({ kind: 'group' as const, id })

describe('planTocaro', () => {
  test('posts a reply into the group of the event, one call for each message', () => {
    const target = group('gr1')
    expect(setup().reply(target, text('one'), text('two'))).toEqual([
      { operation: 'groups.messages', target, messages: [{ text: 'one' }] },
      { operation: 'groups.messages', target, messages: [{ text: 'two' }] },
    ])
  })

  test('plans nothing where the event has no conversation', () => {
    expect(setup().reply({ kind: 'none', id: '' }, text('hi'))).toEqual([])
  })

  test('takes a channel for a group', () => {
    expect(setup().push({ kind: 'channel', id: 'gr1' }, text('hi'))).toMatchObject([{ target: group('gr1') }])
  })

  test.each(['user', 'room'] as const)('posts nothing to a %s', (kind) => {
    const { push } = setup()
    expect(thrownBy(() => push({ kind, id: 'us1' }, text('hi')))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringContaining(kind),
    })
  })

  test.each(['', '.', '..', 'gr\ud800'])('posts nothing to a group called %j', (id) => {
    const { push } = setup()
    expect(thrownBy(() => push(group(id), text('hi')))).toMatchObject({ code: 'message_invalid' })
  })

  test('splits a text at 2000 UTF-16 units, never inside a character', () => {
    const long = 'あ'.repeat(1999) + '😀' + 'い'.repeat(10)
    const parts = setup()
      .push(group('gr1'), text(long))
      .map((call) => call.messages[0]?.text)
    expect(parts).toEqual(['あ'.repeat(1999), '😀' + 'い'.repeat(10)])
  })

  test('refuses an empty text', () => {
    expect(thrownBy(() => setup().push(group('gr1'), text('')))).toMatchObject({ code: 'message_invalid' })
  })

  test('posts a native message as it is', () => {
    const message = {
      text: 'web-3 recovered',
      color: 'success',
      attachments: [{ title: 'Downtime', value: '4 min' }],
    }
    const calls = setup().push(group('gr1'), { type: 'native', platform: 'tocaro', message })
    expect(calls).toMatchObject([{ messages: [message] }])
  })

  test('attaches pictures where the inbound webhook takes them, else says their URLs', () => {
    const image: Message = { type: 'image', url: 'https://e.com/a.png' }
    const postOf = (hasAccessToken: boolean) =>
      setup({ hasAccessToken, webhookUrl: hooks }).push(group('gr1'), image)[0]?.messages
    expect(postOf(false)).toEqual([{ attachments: [{ image_url: 'https://e.com/a.png' }] }])
    expect(postOf(true)).toEqual([{ text: 'https://e.com/a.png' }])
  })

  test('refuses a post without text through the Web API', () => {
    const message = { attachments: [{ title: 'Downtime', value: '4 min' }] }
    const native: Message = { type: 'native', platform: 'tocaro', message }
    expect(thrownBy(() => setup().push(group('gr1'), native))).toMatchObject({ code: 'message_invalid' })
    const { push } = setup({ hasAccessToken: false, webhookUrl: hooks })
    expect(push(group('gr1'), native)).toMatchObject([{ messages: [message] }])
  })

  test('refuses a native message of another platform', () => {
    const { push } = setup()
    expect(
      thrownBy(() => push(group('gr1'), { type: 'native', platform: 'line', message: {} })),
    ).toMatchObject({ code: 'message_invalid', message: expect.stringContaining('line') })
  })

  test.each(['https://hooks.example/in/key', hooks])(
    'posts through an inbound webhook only without an access token: %j',
    (webhookUrl) => {
      const operationOf = (hasAccessToken: boolean) =>
        setup({ hasAccessToken, webhookUrl }).push(group('gr2'), text('hi'))[0]?.operation
      expect(operationOf(false)).toBe('inbound_webhook')
      expect(operationOf(true)).toBe('groups.messages')
    },
  )

  test('puts no hook URL into the plan', () => {
    const calls = setup({ hasAccessToken: false, webhookUrl: hooks }).push(group('gr1'), text('hi'))
    expect(JSON.stringify(calls)).not.toContain('key1')
  })

  test.each(['gr3', 'constructor'])('names the group %s, which no inbound webhook posts into', (id) => {
    const { push } = setup({ hasAccessToken: false, webhookUrl: hooks })
    expect(thrownBy(() => push(group(id), text('hi')))).toMatchObject({
      code: 'message_invalid',
      message: `Bot "ops" has no inbound webhook for group "${id}". Add a row for it to webhookUrl.`,
    })
  })

  test('says that a bot has nothing to post with', () => {
    const { push } = setup({ hasAccessToken: false })
    expect(thrownBy(() => push(group('gr1'), text('hi')))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringContaining('Set one of them'),
    })
  })
})

describe('limitOf', () => {
  const limit = (operation: string, group: string, settings: Partial<TocaroOutSettings> = {}) =>
    limitOf(
      { operation, target: { kind: 'group', id: group }, messages: [] },
      { name: 'ops', limits: { perMinute: 60 }, ...settings },
    )

  test('allows one post a second, five in a burst', () => {
    expect(limit('groups.messages', 'gr1')).toEqual({
      scope: 'tocaro:ops:groups.messages',
      amount: 5,
      perMs: 5000,
    })
  })

  test('counts per hook where each group has its own', () => {
    expect(limit('inbound_webhook', 'gr1', { webhookUrl: hooks }).scope).toBe(
      'tocaro:ops:inbound_webhook:gr1',
    )
    expect(limit('inbound_webhook', 'gr2', { webhookUrl: hooks.gr1 }).scope).toBe(
      'tocaro:ops:inbound_webhook',
    )
  })
})
