import type { Conversation, Event, Message, PlanRequest, Target } from '#libs/contract'
import { limitOf, planLineworks } from './message'

const user: Target = { kind: 'user', id: 'u-1' }
const channel: Target = { kind: 'channel', id: 'c-1' }

function setup() {
  const plan = (request: PlanRequest) => planLineworks(request, { name: 'helpdesk' })
  const push = (target: Target, ...messages: Message[]) => plan({ kind: 'push', target, messages })
  const reply = (event: Event, ...messages: Message[]) => plan({ kind: 'reply', event, messages })
  return { push, reply }
}

function eventIn(conversation: Conversation, type: 'begin' | 'leave' | 'end' = 'begin'): Event {
  const times = { occurredAt: 1, receivedAt: 2 }
  return { key: 'key-0001', platform: 'lineworks', bot: 'helpdesk', conversation, ...times, raw: {}, type }
}

function text(words: string): Message {
  return { type: 'text', text: words }
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

describe('planLineworks', () => {
  test.each([
    [user, 'users.messages'],
    [channel, 'channels.messages'],
  ])('sends a push to %j by the operation %s', (target, operation) => {
    const messages = [{ type: 'text', text: 'hi' }]
    expect(setup().push(target, text('hi'))).toEqual([{ operation, target, messages }])
  })

  test.each([
    [user, 'users.messages'],
    [channel, 'channels.messages'],
  ])('answers an event of %j there', (target, operation) => {
    const messages = [{ type: 'text', text: 'hi' }]
    expect(setup().reply(eventIn(target), text('hi'))).toEqual([{ operation, target, messages }])
  })

  test('answers nobody where there is nobody', () => {
    const { reply } = setup()
    expect(reply(eventIn({ kind: 'none', id: 'none' }), text('hi'))).toEqual([])
    expect(reply(eventIn(channel, 'leave'), text('hi'))).toEqual([])
  })

  test('puts each content into a call of its own, in order', () => {
    const sticker = { type: 'sticker', packageId: '2', stickerId: '41' }
    const native: Message = { type: 'native', platform: 'lineworks', message: sticker }
    const calls = setup().push(user, text('one'), native, text('two'))
    expect(calls.map((call) => call.messages)).toEqual([
      [{ type: 'text', text: 'one' }],
      [sticker],
      [{ type: 'text', text: 'two' }],
    ])
  })

  test('splits a text at 2000 UTF-16 units and never inside a character', () => {
    const long = '😀'.repeat(1500)
    const parts = setup()
      .push(user, text(long))
      .map((call) => String(call.messages[0]?.text))
    expect(parts.map((part) => part.length)).toEqual([2000, 1000])
    expect(parts.join('')).toBe(long)
    expect(setup().push(user, text('a'.repeat(2000)))).toHaveLength(1)
  })

  test('plans nothing for no messages', () => {
    expect(setup().push(user)).toEqual([])
  })

  test.each<[string, Target, Message, RegExp]>([
    ['an empty text', user, text(''), /text: is empty/],
    [
      'a message of LINE',
      user,
      { type: 'native', platform: 'line', message: {} },
      /native message for "line"/,
    ],
    [
      'a push to a group',
      { kind: 'group', id: 'g-1' },
      text('hi'),
      /no group to send to\. Use user or channel/,
    ],
    ['a push to a room', { kind: 'room', id: 'r-1' }, text('hi'), /no room to send to\. Use user or channel/],
    ['a push to no id', { kind: 'user', id: '' }, text('hi'), /"" is no user id/],
    ['a push out of the path', { kind: 'channel', id: '..' }, text('hi'), /"\.\." is no channel id/],
  ])('refuses %s', (_name, target, message, words) => {
    const error = thrownBy(() => setup().push(target, message))
    expect(error).toMatchObject({ code: 'message_invalid', message: expect.stringMatching(words) })
  })
})

describe('limitOf', () => {
  const bot = { serviceAccount: 'ab@cd.serviceaccount@example.com', limits: { perMinute: 60 } }
  const call = (operation: string) => ({ operation, target: user, messages: [] })

  test('counts per domain and operation, four calls at once', () => {
    expect(limitOf(call('users.messages'), bot)).toEqual({
      scope: 'lineworks:example.com:users.messages',
      amount: 60,
      perMs: 60_000,
      atOnce: 4,
    })
  })

  test('is shared by bots of one domain, not by operations', () => {
    const other = { ...bot, serviceAccount: 'ef.serviceaccount@example.com' }
    const scope = (operation: string, who = bot) => limitOf(call(operation), who).scope
    expect(scope('users.messages', other)).toBe(scope('users.messages'))
    expect(scope('channels.messages')).not.toBe(scope('users.messages'))
  })
})
