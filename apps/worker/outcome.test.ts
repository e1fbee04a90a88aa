import { ApiError, type ApiErrorCode, type ErrorCode, HooklineError } from '#libs/contract'
import type { Item } from '#libs/mailbox'
import { Park, Postpone, type RetryBudget, outcomeOf } from './outcome'

const hour = 3_600_000

function setup({ budget = {}, ...fields }: { budget?: Partial<RetryBudget> } & Partial<Item> = {}) {
  const item: Item = {
    id: 'e1',
    postedAt: Date.now(),
    handled: true,
    pushes: [],
    calls: [],
    attempts: [],
    failures: 0,
    event: {
      key: 'e1',
      bot: 'shop',
      platform: 'line',
      type: 'text',
      text: 'hi',
      conversation: { kind: 'user', id: 'U1' },
      occurredAt: 1,
      receivedAt: 1,
      raw: {},
    },
    ...fields,
  }
  const outcome = (error: unknown) => outcomeOf(error, item, { attempts: 10, maxAgeMs: 24 * hour, ...budget })
  return { item, outcome }
}

const apiCodes = new Set<string>([
  'api_unauthorized',
  'api_rate_limited',
  'api_quota_exhausted',
  'api_reply_token_invalid',
  'api_rejected',
  'api_unavailable',
  'api_outcome_unknown',
])
const errorWith = (code: ErrorCode): HooklineError =>
  apiCodes.has(code)
    ? new ApiError(code as ApiErrorCode, 'LINE push answered so', { status: 400, retryAfterMs: 5000 })
    : new HooklineError(code, 'something is wrong')

/** What the design's table "What happens when" says of each code. A new code does not compile without a row. */
const expected: Record<ErrorCode, 'retry' | 'postpone' | `park: ${string}`> = {
  api_unauthorized: 'retry',
  api_rate_limited: 'postpone',
  api_unavailable: 'retry',
  api_outcome_unknown: 'retry',
  api_quota_exhausted: 'park: monthly_quota_used_up',
  api_reply_token_invalid: 'park: reply_token_expired',
  api_rejected: 'park: rejected',
  message_invalid: 'park: message_invalid',
  no_target: 'park: no_target',
  config_invalid: 'park: config_invalid',
  state_invalid: 'park: state_invalid',
  bot_file_invalid: 'retry',
  handler_timeout: 'retry',
  unsent: 'retry',
  store_unavailable: 'retry',
}

describe('an outcome', () => {
  test.each(Object.entries(expected) as [ErrorCode, string][])('of %s is %s', (code, rule) => {
    const { outcome, item } = setup()
    const result = outcome(errorWith(code))
    expect(result.kind === 'park' ? `park: ${result.reason}` : result.kind).toBe(rule)
    expect(item.failures).toBe(rule === 'postpone' ? 0 : 1)
  })

  test('of an error that a handler threw is a retry, its stack noted', () => {
    const { outcome, item } = setup({ handled: false })
    expect(outcome(new TypeError('no such menu'))).toMatchObject({ kind: 'retry' })
    expect(item.attempts).toEqual([
      {
        at: expect.any(Number),
        step: 'handler',
        code: 'handler_threw',
        words: expect.stringMatching(/^TypeError: no such menu\n.*outcome\.test\.ts/s),
      },
    ])
  })

  test.each([
    ['a string', 'oops', 'oops'],
    ['nothing', undefined, 'undefined'],
    ['an error without a stack', Object.assign(new Error('bare'), { stack: undefined }), 'bare'],
  ])('of %s that was thrown is a retry too', (_name, thrown, words) => {
    const { outcome, item } = setup({ handled: false })
    expect(outcome(thrown)).toMatchObject({ kind: 'retry' })
    expect(item.attempts[0]?.words).toBe(words)
  })

  test('keeps at most 2,000 characters of what was thrown', () => {
    const { outcome, item } = setup()
    outcome('x'.repeat(5000))
    expect(item.attempts[0]?.words).toHaveLength(2000)
  })

  test('of a Park is its reason, without a failed try', () => {
    const { outcome, item } = setup()
    const park = { reason: 'too_many_replies', explanation: 'Six.' }
    expect(outcome(new Park(park))).toEqual({ kind: 'park', ...park })
    expect(item.attempts).toEqual([])
  })

  test('parks with the platform’s own words and notes code and status', () => {
    const { outcome, item } = setup()
    const error = new ApiError('api_rejected', 'LINE push answered 400: {"message":"bad"}', { status: 400 })
    expect(outcome(error)).toEqual({ kind: 'park', reason: 'rejected', explanation: error.message })
    expect(item.attempts).toEqual([
      { at: expect.any(Number), step: 'send', code: 'api_rejected', words: error.message, status: 400 },
    ])
  })
})

describe('a retry', () => {
  test.each([
    [0, 500, 1000],
    [1, 1000, 2000],
    [4, 8000, 16_000],
  ])('after %i earlier failures waits %i to %i ms', (failures, least, most) => {
    const { outcome } = setup({ failures })
    const result = outcome(errorWith('api_unavailable'))
    if (result.kind !== 'retry') throw new Error(result.kind)
    expect(result.delayMs).toBeGreaterThanOrEqual(least)
    expect(result.delayMs).toBeLessThanOrEqual(most)
  })

  test('is given until the attempts are used up', () => {
    const { outcome, item } = setup({ budget: { attempts: 3 } })
    const kinds = [1, 2, 3].map(() => outcome(errorWith('api_unavailable')).kind)
    expect(kinds).toEqual(['retry', 'retry', 'park'])
    expect(item.attempts).toHaveLength(3)
  })

  test('that has no attempt left parks and says how often and why', () => {
    const { outcome } = setup({ budget: { attempts: 3 }, failures: 2 })
    expect(outcome(errorWith('api_unavailable'))).toEqual({
      kind: 'park',
      reason: 'attempts_used_up',
      explanation: 'Failed 3 times. Last: LINE push answered so',
    })
  })

  test('of an item that is too old parks', () => {
    const { outcome } = setup({ budget: { maxAgeMs: 2 * hour }, postedAt: Date.now() - 2 * hour - 1 })
    expect(outcome(errorWith('api_unavailable'))).toEqual({
      kind: 'park',
      reason: 'too_old',
      explanation: 'Older than 2 h. Last: LINE push answered so',
    })
  })

  test('of an item that is almost too old goes on', () => {
    const { outcome } = setup({ budget: { maxAgeMs: 2 * hour }, postedAt: Date.now() - 2 * hour + 60_000 })
    expect(outcome(errorWith('api_unavailable')).kind).toBe('retry')
  })
})

describe('a postponement', () => {
  const limited = (retryAfterMs?: number) =>
    new ApiError('api_rate_limited', 'busy', {
      status: 429,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  const delayOf = (retryAfterMs: number) => {
    const result = setup().outcome(limited(retryAfterMs))
    if (result.kind !== 'postpone') throw new Error(result.kind)
    return result.delayMs
  }

  test('waits what the platform asks for and a little spread', () => {
    expect(delayOf(5000)).toBeGreaterThanOrEqual(5000)
    expect(delayOf(5000)).toBeLessThanOrEqual(5250)
  })

  test('waits at most an hour, whatever the header says', () => {
    expect(delayOf(1e12)).toBeGreaterThanOrEqual(hour)
    expect(delayOf(1e12)).toBeLessThanOrEqual(hour + 250)
  })

  test('uses up no attempt, not even the last', () => {
    const { outcome, item } = setup({ budget: { attempts: 1 } })
    for (let i = 0; i < 5; i++) expect(outcome(limited(1000)).kind).toBe('postpone')
    expect(item).toMatchObject({ failures: 0, attempts: [] })
  })

  test('of an item that is too old parks', () => {
    const { outcome } = setup({ budget: { maxAgeMs: hour }, postedAt: Date.now() - 2 * hour })
    expect(outcome(limited(1000))).toMatchObject({ kind: 'park', reason: 'too_old' })
  })

  test('that the limiter asks for takes as long as it says and uses up no attempt', () => {
    const { outcome, item } = setup({ budget: { attempts: 1 }, failures: 1 })
    expect(outcome(new Postpone(7000, 'limit', 'no permit'))).toEqual({
      kind: 'postpone',
      delayMs: 7000,
      reason: 'limit',
    })
    expect(item).toMatchObject({ failures: 1, attempts: [] })
  })

  test('keeps what a person holds, however old it gets', () => {
    const { outcome } = setup({ postedAt: Date.now() - 48 * hour })
    expect(outcome(new Postpone(7000, 'hold', 'held'))).toEqual({
      ...{ kind: 'postpone', delayMs: 7000, reason: 'hold' },
    })
  })

  test('that the limiter asks for parks an item that is too old, and says what it waited for', () => {
    const { outcome } = setup({ budget: { maxAgeMs: hour }, postedAt: Date.now() - 2 * hour })
    expect(outcome(new Postpone(7000, 'breaker', 'LINE push answered 503'))).toEqual({
      kind: 'park',
      reason: 'too_old',
      explanation: 'Older than 1 h. Last: LINE push answered 503',
    })
  })

  test('becomes a retry where the platform states no wait', () => {
    const { outcome, item } = setup()
    expect(outcome(limited()).kind).toBe('retry')
    expect(item.failures).toBe(1)
  })
})
