import type { Step } from '#libs/contract'
import { explanationOf } from './waterfall-words'

const word = (step: Omit<Step, 'at'>, platform = 'line') => explanationOf({ at: 0, ...step }, platform)?.word

it('says why a call failed, by its code or else by its status', () => {
  expect(word({ name: 'send', status: 429, code: 'api_quota_exhausted' })).toBe('api_quota_exhausted')
  expect(word({ name: 'send', status: 429 })).toBe('api_rate_limited')
  expect(word({ name: 'api', status: 401 })).toBe('api_unauthorized')
  expect(word({ name: 'send', status: 503 })).toBe('api_unavailable')
  expect(word({ name: 'send', status: 404 })).toBe('api_rejected')
})

it('tells a wait for a limit from one for the next try', () => {
  expect(word({ name: 'waited', code: 'closed' })).toBe('closed')
  expect(word({ name: 'waited', code: 'handler_threw' })).toBe('retry')
  expect(word({ name: 'waited', code: 'api_unavailable' })).toBe('retry')
})

it('says what a reply token and a push cost, where the platform bills', () => {
  expect(word({ name: 'send', operation: 'reply', status: 200 })).toBe('reply')
  expect(word({ name: 'send', operation: 'push', status: 200 })).toBe('push')
  expect(word({ name: 'send', operation: 'push', status: 200 }, 'tocaro')).toBeUndefined()
})

it('knows the answer to a repeated retry key as no failure', () => {
  expect(word({ name: 'send', operation: 'push', status: 409 })).toBe('alreadyDone')
})

it('has no words for a code that it does not know', () => {
  expect(word({ name: 'send', code: 'something_new' })).toBeUndefined()
  expect(word({ name: 'send', code: 'toString' })).toBeUndefined()
})
