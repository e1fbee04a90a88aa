import { inspect } from 'node:util'
import { ApiError } from '#libs/contract'
import { type HttpResponse, apiError, retryAfterMs, sentWith, statedLimit } from '.'

const answer = (status: number, rest: Partial<HttpResponse> = {}): HttpResponse => ({
  status,
  headers: {},
  body: { message: 'no' },
  ...rest,
})

describe('apiError', () => {
  test.each([
    [400, 'api_rejected'],
    [401, 'api_unauthorized'],
    [403, 'api_rejected'],
    [404, 'api_rejected'],
    [408, 'api_unavailable'],
    [409, 'api_rejected'],
    [422, 'api_rejected'],
    [429, 'api_rate_limited'],
    [500, 'api_unavailable'],
    [503, 'api_unavailable'],
  ])('classes status %i as %s', (status, code) => {
    const error = apiError('LINE push', answer(status))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code, status })
  })

  test('takes a code that the caller knows better', () => {
    const error = apiError('LINE push', answer(429), { code: 'api_quota_exhausted' })
    expect(error).toMatchObject({ code: 'api_quota_exhausted', status: 429 })
  })

  test.each([
    ['an object', { message: 'Invalid "to"' }, '{"message":"Invalid \\"to\\""}'],
    ['a text', 'Bad gateway', 'Bad gateway'],
    ['nothing', undefined, '"(no body)"'],
  ])('carries the words of a body that is %s', (_name, body, words) => {
    const error = apiError('LINE push', answer(400, { body }))
    expect(error.words).toBe(words)
    expect(error.message).toBe(`LINE push answered 400: ${words}`)
  })

  test('cuts long words to 500 characters', () => {
    const { words } = apiError('LINE push', answer(500, { body: 'あ'.repeat(501) }))
    expect(words).toBe(`${'あ'.repeat(500)}…`)
  })

  test('leaves words of 500 characters alone', () => {
    expect(apiError('LINE push', answer(500, { body: 'a'.repeat(500) })).words).toBe('a'.repeat(500))
  })

  test('replaces every secret wherever the platform repeats it, also where the words are cut', () => {
    const secrets = ['fake-token-EXAMPLE', 'fake-hook-EXAMPLE', '']
    const body = { seen: `Bearer ${secrets[0]!}`, again: secrets[0]!, url: `/hooks/${secrets[1]!}` }
    const error = apiError('LINE push', answer(400, { body }), { secrets })
    const cut = apiError('LINE push', answer(400, { body: 'x'.repeat(490) + secrets[0]! }), { secrets })
    expect(error.words).toBe('{"seen":"Bearer [secret]","again":"[secret]","url":"/hooks/[secret]"}')
    for (const each of [error, cut]) {
      expect(inspect(each, { depth: 9 }) + JSON.stringify(each)).not.toContain('fake-')
    }
  })

  test('carries the request id and the wait, where the platform gives them', () => {
    const headers = { 'x-line-request-id': 'r-1', 'retry-after': '3' }
    const options = { requestIdHeader: 'x-line-request-id' }
    expect(apiError('LINE push', answer(429, { headers }), options)).toMatchObject({
      requestId: 'r-1',
      retryAfterMs: 3000,
    })
    expect(apiError('LINE push', answer(429), options)).toMatchObject({
      requestId: undefined,
      retryAfterMs: undefined,
    })
  })
})

describe('retryAfterMs', () => {
  const now = Date.UTC(2030, 0, 1, 12)

  test.each<[string, Record<string, string>, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a fraction of a second', { 'retry-after': '0.5' }, 500],
    ['zero', { 'retry-after': '0' }, 0],
    ['an HTTP date', { 'retry-after': 'Tue, 01 Jan 2030 12:00:30 GMT' }, 30_000],
    ['an HTTP date that is over', { 'retry-after': 'Tue, 01 Jan 2030 11:00:00 GMT' }, 0],
    ['a text that is neither', { 'retry-after': 'soon' }, undefined],
    ['ratelimit-reset', { 'ratelimit-reset': '12' }, 12_000],
    ['x-ratelimit-reset', { 'x-ratelimit-reset': '13' }, 13_000],
    ['a reset that is no number', { 'ratelimit-reset': 'later' }, undefined],
    ['both', { 'retry-after': '1', 'ratelimit-reset': '60' }, 1000],
    ['an unreadable Retry-After beside a reset', { 'retry-after': 'soon', 'ratelimit-reset': '4' }, 4000],
    ['nothing', {}, undefined],
  ])('reads %s', (_name, headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected)
  })
})

describe('statedLimit', () => {
  test.each<[string, Record<string, string>, object | undefined]>([
    [
      'the headers of LINE WORKS',
      {
        'ratelimit-ssed': '3',
        'ratelimit-limit': '240',
        'ratelimit-remaining': '237',
        'ratelimit-reset': '41',
      },
      { amount: 240, remaining: 237, resetMs: 41_000 },
    ],
    [
      'the same with X-',
      { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' },
      { amount: 60, remaining: 0, resetMs: 0 },
    ],
    ['a part of them', { 'ratelimit-remaining': '7' }, { remaining: 7 }],
    ['what is no number as nothing', { 'ratelimit-limit': 'many', 'ratelimit-reset': '-1' }, undefined],
    ['none as nothing', {}, undefined],
  ])('reads %s', (_name, headers, expected) => {
    expect(statedLimit(headers)).toEqual(expected)
  })

  test('comes with an accepted call and with a refused one, where the platform states it', () => {
    const headers = { 'ratelimit-limit': '60' }
    expect(sentWith(answer(201, { headers }))).toEqual({ status: 201, limit: { amount: 60 } })
    expect(sentWith(answer(201))).toEqual({ status: 201 })
    const named = answer(200, { headers: { 'x-line-request-id': 'r-1' } })
    expect(sentWith(named, 'x-line-request-id')).toEqual({ status: 200, requestId: 'r-1' })
    expect(apiError('LINE WORKS', answer(429, { headers })).limit).toEqual({ amount: 60 })
  })
})
