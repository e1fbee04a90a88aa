import type { Event, Message, PlanRequest, Target } from '#libs/contract'
import { limitOf, planLine } from './message'

const target: Target = { kind: 'user', id: 'U1111111111111111111111111111111a' }
const replyToken = { token: 'fake-reply-token-0001', expiresAt: 1_790_000_050_500 }

function setup(replyFallback: 'push' | 'park' = 'push') {
  const event = {
    key: '01M3250V00EXAMPMEKEY000000',
    platform: 'line',
    bot: 'shop',
    conversation: target,
    occurredAt: 1_790_000_000_000,
    receivedAt: 1_790_000_000_500,
    raw: {},
    type: 'text',
    text: 'hi',
  } satisfies Event
  const plan = (request: PlanRequest) => planLine(request, { replyFallback })
  return {
    push: (messages: Message[], to = target) => plan({ kind: 'push', target: to, messages }),
    reply: (messages: Message[], change: Partial<Event> = {}) =>
      plan({ kind: 'reply', event: { ...event, replyToken, ...change } as Event, messages }),
    replyWithoutToken: (messages: Message[], change: Partial<Event> = {}) =>
      plan({ kind: 'reply', event: { ...event, ...change } as Event, messages }),
  }
}

const texts = (count: number): Message[] =>
  Array.from({ length: count }, (_, i) => ({ type: 'text', text: String(i + 1) }))
const shape = (calls: ReturnType<typeof planLine>) =>
  calls.map(({ operation, messages }) => [operation, ...messages.map((message) => message.text)])

const failureOf = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('planLine', () => {
  test('answers through the reply token', () => {
    const { reply } = setup()
    expect(reply(texts(1))).toEqual([
      { operation: 'reply', target, messages: [{ type: 'text', text: '1' }], replyToken },
    ])
  })

  test('plans nothing for no messages', () => {
    const { reply, replyWithoutToken, push } = setup()
    expect([reply([]), replyWithoutToken([]), push([])]).toEqual([[], [], []])
  })

  test('pushes what does not fit into the free call', () => {
    const { reply } = setup('push')
    const calls = reply(texts(12))
    expect(shape(calls)).toEqual([
      ['reply', '1', '2', '3', '4', '5'],
      ['push', '6', '7', '8', '9', '10'],
      ['push', '11', '12'],
    ])
    expect(calls.map((call) => call.target)).toEqual([target, target, target])
    expect(calls.map((call) => call.replyToken)).toEqual([replyToken, undefined, undefined])
  })

  test('parks what does not fit into the free call where push is not wanted', () => {
    const { reply } = setup('park')
    expect(shape(reply(texts(6)))).toEqual([
      ['reply', '1', '2', '3', '4', '5'],
      ['parked', '6'],
    ])
    expect(shape(reply(texts(5)))).toEqual([['reply', '1', '2', '3', '4', '5']])
  })

  test('pushes the answer to an event that never had a reply token', () => {
    const { replyWithoutToken } = setup('push')
    expect(shape(replyWithoutToken(texts(6), { type: 'unsend' }))).toEqual([
      ['push', '1', '2', '3', '4', '5'],
      ['push', '6'],
    ])
  })

  test('sends no answer to an event that never had a reply token where push is not wanted', () => {
    const { replyWithoutToken } = setup('park')
    expect(replyWithoutToken(texts(1), { type: 'memberLeft' })).toEqual([])
  })

  test.each<[string, Partial<Event>]>([
    ['without a conversation', { conversation: { kind: 'none', id: 'none' } }],
    ['after the user blocked the bot', { type: 'unfollow' }],
    ['after the bot was thrown out', { type: 'leave' }],
    ['in standby', { standby: true }],
  ])('sends no answer %s', (_name, change) => {
    const { reply, replyWithoutToken } = setup('push')
    expect([reply(texts(1), change), replyWithoutToken(texts(1), change)]).toEqual([[], []])
  })

  test.each(['user', 'group', 'room'] as const)('pushes to a %s five messages at a time', (kind) => {
    const { push } = setup('park')
    const calls = push(texts(7), { kind, id: 'X1' })
    expect(shape(calls)).toEqual([
      ['push', '1', '2', '3', '4', '5'],
      ['push', '6', '7'],
    ])
    expect(calls.map((call) => call.target)).toEqual([
      { kind, id: 'X1' },
      { kind, id: 'X1' },
    ])
  })

  test('splits a text at 5000 UTF-16 units and counts the parts as messages', () => {
    const { push } = setup()
    const calls = push([{ type: 'text', text: '😀'.repeat(15_000) }])
    const parts = calls.flatMap((call) => call.messages.map((message) => String(message.text)))
    expect(calls.map((call) => call.messages.length)).toEqual([5, 1])
    expect(parts.map((part) => part.length)).toEqual(Array(6).fill(5000))
    expect(parts.join('')).toBe('😀'.repeat(15_000))
  })

  test('sends native messages as they are, in order among the texts', () => {
    const { reply } = setup()
    const sticker = { type: 'sticker', packageId: '1', stickerId: '2' }
    const [call] = reply([...texts(1), { type: 'native', platform: 'line', message: sticker }])
    expect(call?.messages).toEqual([{ type: 'text', text: '1' }, sticker])
  })

  test.each<[string, Message, RegExp]>([
    ['an empty text', { type: 'text', text: '' }, /text: is empty/],
    [
      'a message of another platform',
      { type: 'native', platform: 'tocaro', message: {} },
      /"tocaro".*"line"/,
    ],
  ])('refuses %s before anything is sent', (_name, message, words) => {
    const { push, reply } = setup()
    for (const plan of [push, reply]) {
      expect(failureOf(() => plan([...texts(1), message]))).toMatchObject({
        code: 'message_invalid',
        message: expect.stringMatching(words),
      })
    }
  })

  test('refuses to push to a channel', () => {
    const { push } = setup()
    expect(failureOf(() => push(texts(1), { kind: 'channel', id: 'C9' }))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringContaining('"C9"'),
    })
  })
})

test('limitOf counts per channel and endpoint', () => {
  const limit = (operation: string) => limitOf({ operation, target, messages: [] }, { name: 'shop' })
  expect(limit('push')).toEqual({ scope: 'line:shop:push', amount: 2000, perMs: 1000 })
  expect(limit('reply').scope).toBe('line:shop:reply')
})

test('answers a timer by a push, which never had a token to lose', () => {
  const conversation = { kind: 'user', id: 'U1' } as const
  const event: Event = {
    ...{ type: 'timer', name: 'remind', key: 'k', platform: 'line', bot: 'shop', conversation },
    ...{ occurredAt: 1, receivedAt: 1, raw: {} },
  }
  const messages = [{ type: 'text', text: 'x' } as const]
  for (const replyFallback of ['park', 'push'] as const) {
    expect(planLine({ kind: 'reply', event, messages }, { replyFallback })).toMatchObject([
      { operation: 'push', target: conversation, messages: [{ text: 'x' }] },
    ])
  }
})
