import type { Event } from '#libs/contract'
import { type DeadLetter, type Item, type LateReplies, planReplay } from '#libs/mailbox'
import { age, clock, eventText, listTable, planText, story } from './dead-letters-text'
import { textWidth } from './text-width'

const now = Date.parse('2026-11-22T12:00:00Z')
const minute = 60_000
const target = { kind: 'user', id: 'U4af4980629000000000000000000000a' } as const
const dead = { token: '[secret]', expiresAt: now - 29 * minute }

const eventOf = (more: object = {}) =>
  ({
    key: 'e1',
    bot: 'shop',
    platform: 'line',
    ...('type' in more ? {} : { type: 'text', text: 'ping' }),
    conversation: target,
    userId: target.id,
    occurredAt: now - 30 * minute,
    receivedAt: now - 30 * minute,
    raw: {},
    ...more,
  }) as Event

function letterOf(item: Partial<Item> = {}, more: Partial<DeadLetter> = {}, event: object = {}): DeadLetter {
  return {
    id: '0b1c2d3e-0000-4000-8000-000000000000',
    bot: 'shop',
    lane: `user:${target.id}`,
    parkedAt: now - 3 * minute,
    reason: 'attempts_used_up',
    explanation: 'Failed 12 times.',
    item: {
      id: 'e1',
      postedAt: now - 30 * minute,
      event: eventOf(event),
      handled: false,
      pushes: [],
      calls: [],
      attempts: [],
      failures: 12,
      ...item,
    },
    ...more,
  }
}

const call = (text: string, more: object = {}) => ({
  operation: 'users.messages',
  target,
  messages: [{ type: 'text', text }],
  state: 'waiting' as const,
  ...more,
})

const look = (width: number) => ({ width, now, idLength: 8 })

test.each([
  [-5, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [59 * minute, '59m'],
  [47 * 60 * minute, '47h'],
  [48 * 60 * minute, '2d'],
])('%i ms are %s', (ms, text) => {
  expect(age(ms)).toBe(text)
})

test('tells local time with its offset', () => {
  expect(Date.parse(clock(now).replace(/ ([+-])/, '$1'))).toBe(now)
})

test.each([
  [{ text: 'おはよう' }, 'text "おはよう"'],
  [{ text: 'two\nlines\x1b[2J' }, 'text "two lines [2J"'],
  [{ type: 'postback', data: 'a=1' }, 'postback "a=1"'],
  [{ type: 'file', fileName: '見積.pdf' }, 'file "見積.pdf"'],
  [{ type: 'sticker', packageId: '1', stickerId: '2' }, 'sticker'],
  [{ type: 'unknown', reason: 'event type "foo"' }, 'unknown (event type "foo")'],
])('an event in a few words: %j', (event, text) => {
  expect(eventText(eventOf(event))).toBe(text)
})

describe('listTable', () => {
  const letters = [
    letterOf({}, {}, { text: '注文した商品がまだ届きません。いつ届きますか。確認をお願いします。' }),
    letterOf({}, { reason: 'reply_token_expired', bot: '注文受付ボット' }, { text: 'x'.repeat(300) }),
    letterOf({}, {}, { type: 'unknown', reason: 'no JSON', conversation: { kind: 'none', id: 'none' } }),
  ]

  test.each([80, 100, 120])('fits a terminal of %i columns', (width) => {
    for (const line of listTable(letters, look(width))) expect(textWidth(line)).toBeLessThanOrEqual(width)
  })

  test('keeps columns straight beside Japanese text', () => {
    const [head = '', ...rows] = listTable(letters, look(120))
    const column = textWidth(head.slice(0, head.indexOf('EVENT')))
    const starts = rows.map((row) => textWidth(row.slice(0, row.search(/"|unknown \(/))))
    expect(starts).toEqual([column, column, column])
  })

  test('cuts no id of a conversation where the output is no terminal', () => {
    expect(listTable(letters, look(Infinity))[1]).toContain(`user:${target.id}`)
  })
})

describe('story', () => {
  const told = (letter: DeadLetter, width = 80) => story(letter, look(width)).join('\n')

  test('tells event, messages, attempts, reason and what to do', () => {
    const text = told(
      letterOf({
        handled: true,
        replays: 2,
        pushes: [[call('first', { state: 'sent' })]],
        calls: [call('second', { state: 'sending' }), call('third'), call('fourth', { uncertain: true })],
        attempts: [
          {
            at: now - 5 * minute,
            step: 'send',
            code: 'api_unavailable',
            status: 502,
            requestId: 'req-1',
            words: 'LINE push answered 502: Bad Gateway',
          },
        ],
        failures: 1,
      }),
    )
    expect(text).toContain('shop (line)')
    expect(text).toContain(`user ${target.id}`)
    expect(text).toContain('(30m ago)')
    expect(text).toContain('attempts_used_up')
    expect(text).toContain('replayed      2 times')
    expect(text).toMatch(/✓ sent .*\n +"first"/)
    expect(text).toMatch(/\? may have been sent .*\n +"second"/)
    expect(text).toMatch(/✗ not sent .*\n +"third"/)
    expect(text).toMatch(/\? may have been sent .*\n +"fourth"/)
    expect(text).toContain(
      'send  api_unavailable, HTTP 502, request req-1\n    LINE push answered 502: Bad Gateway',
    )
    expect(text).toContain('Fix it, then replay.')
  })

  test('keeps the lines of a stack and says how many attempts are not listed', () => {
    const attempt = { at: now, step: 'handler' as const, code: 'handler_threw' }
    const text = told(
      letterOf({
        attempts: [
          { ...attempt, words: 'Error: boom\n    at bot.ts:1:2' },
          { ...attempt, words: 'Error' },
        ],
      }),
    )
    expect(text).toContain('    Error: boom\n        at bot.ts:1:2')
    expect(text).toContain('(10 between the first and the second are not listed)')
    expect(text).toContain('the handler did not come to its end')
  })

  test('shows what was not understood as it came, without steering the terminal', () => {
    const text = told(
      letterOf(
        {},
        { reason: 'not_understood' },
        { type: 'unknown', reason: 'no JSON', raw: '{"a":\x1b[31m' },
      ),
    )
    expect(text).toContain('{"a": [31m')
    expect(text).not.toContain('\x1b')
  })

  test('fits the terminal', () => {
    const long = letterOf(
      { attempts: [{ at: now, step: 'send', code: 'x', words: '長い'.repeat(200) }] },
      {},
      { text: '日本語'.repeat(100) },
    )
    for (const line of story(long, look(80))) expect(textWidth(line)).toBeLessThanOrEqual(80)
  })
})

describe('planText', () => {
  const planned = (letter: DeadLetter, late: LateReplies = 'drop') =>
    planText(letter, planReplay(letter, late, now), look(Infinity)).join('\n')

  test('the handler runs again, and its late replies are suppressed', () => {
    const text = planned(letterOf({}, {}, { replyToken: dead }))
    expect(text).toContain('0b1c2d3e  shop (line)')
    expect(text).toContain('30m old: text "ping"')
    expect(text).toContain('the handler runs again\n')
    expect(text).toContain('its replies are suppressed: the reply token is dead. --push')
    expect(planned(letterOf({}, {}, { replyToken: dead }), 'push')).toContain(
      'go out as pushes, which are billed',
    )
  })

  test('how long a living reply token is left', () => {
    const replyToken = { token: '[secret]', expiresAt: now + 20_000 }
    expect(planned(letterOf({}, {}, { replyToken }))).toContain('free if they leave within 20 s')
  })

  test('what is sent to whom, what is not sent again, and what may come twice', () => {
    const calls = [call('one', { state: 'sent' }), call('two', { state: 'sending' }), call('three')]
    const text = planned(letterOf({ handled: true, calls }, {}, { platform: 'lineworks' }))
    expect(text).toContain('was sent, is not sent again: "one"')
    expect(text).toContain(`sends 2 messages to user ${target.id}: "two", "three"`)
    expect(text).toMatch(/may come twice.*: "two"$/)
  })

  test('a late reply stays, or becomes a billed push', () => {
    const letter = letterOf({
      handled: true,
      calls: [call('late', { operation: 'reply', replyToken: dead })],
    })
    expect(planned(letter)).toContain('stays: no reply token carries this any more; --push')
    expect(planned(letter, 'push')).toContain(`pushes 1 message to user ${target.id} (billed`)
  })

  test('what nobody understood stays', () => {
    const unknown = { type: 'unknown', reason: 'no JSON', conversation: { kind: 'none', id: 'none' } }
    expect(planned(letterOf({}, {}, unknown))).toContain('stays: Hookline does not know this event')
  })

  test('nothing is left to do', () => {
    const calls = [call('one', { state: 'sent' })]
    expect(planned(letterOf({ handled: true }))).toContain('nothing is left to send')
    expect(planned(letterOf({ handled: true, calls }))).toContain('was sent, is not sent again: "one"')
  })
})
