import type { Member } from './fleet'
import { callsOf } from './ledgers'
import type { Away } from './redis-server'
import type { WireCall } from './wire'

const answered: WireCall = {
  slot: 'worker-1',
  labels: ['c01/1'],
  startedAt: 10_000,
  endedAt: 10_020,
  status: 201,
  answered: true,
}

function member(more: Partial<Member>): Member {
  const base = { kind: 'worker' as const, slot: 'worker-1', pid: 1, url: 'http://127.0.0.1:1' }
  return { ...base, endingAt: undefined, endedAt: undefined, orderly: false, send: () => undefined, ...more }
}

function isClear(call: WireCall, members: Member[] = [], away: Away[] = []): boolean | undefined {
  return callsOf({ calls: [call], members, away })[0]?.clear
}

test('an acceptance that reached a living worker is clear', () => {
  expect(isClear(answered, [member({})])).toBe(true)
})

test('refused calls are left out: nothing was accepted', () => {
  expect(callsOf({ calls: [{ ...answered, status: 429 }], members: [], away: [] })).toEqual([])
})

test('a call that carries several texts stands for each, once', () => {
  const calls = [{ ...answered, labels: ['c01/1', 'c01/2', 'c01/2'] }]
  expect(callsOf({ calls, members: [], away: [] }).map(({ label }) => label)).toEqual(['c01/1', 'c01/2'])
})

test.each<[string, Partial<WireCall>]>([
  ['the platform cut', { status: 0, answered: false }],
  ['the worker did not hear to its end', { answered: false }],
])('a call that %s is not', (_what, more) => {
  expect(isClear({ ...answered, ...more })).toBe(false)
})

describe('a worker that died', () => {
  test.each([
    ['during the call', 10_010, 10_012, false],
    ['before it can have noted the answer', 10_300, 10_305, false],
    ['later', 10_600, 10_605, true],
    ['before the call: it was made by the next one in its place', 9000, 9005, true],
  ])('%s', (_when, endingAt, endedAt, clear) => {
    expect(isClear(answered, [member({ endingAt, endedAt })])).toBe(clear)
  })

  test('in an orderly way has noted what it heard', () => {
    expect(isClear(answered, [member({ endingAt: 10_010, endedAt: 10_100, orderly: true })])).toBe(true)
  })

  test('was not the one that made the call', () => {
    expect(isClear(answered, [member({ slot: 'worker-2', endingAt: 10_010, endedAt: 10_012 })])).toBe(true)
  })
})

test.each([
  ['while the answer came', 9000, 11_000, false],
  ['right after the answer', 10_100, 11_000, false],
  ['and was back only a moment ago', 9000, 9500, false],
  ['long before', 1000, 2000, true],
  ['long after', 11_000, Infinity, true],
])('Redis was away %s', (_when, from, to, clear) => {
  expect(isClear(answered, [], [{ from, to }])).toBe(clear)
})
