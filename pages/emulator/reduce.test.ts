import type { ChatLine, ExchangeRow, PageState } from '../../libs/emulator/page-types'
import { applyEvent, exchangesKept, linesKept, type PageData } from './reduce'

function line(fields: Partial<ChatLine>): ChatLine {
  return { seq: 1, id: 'a', at: 1, platform: 'line', lane: 'user:U1', from: { kind: 'bot' }, ...fields }
}

function exchange(id: string, seq: number): ExchangeRow {
  const rest = { operation: 'push', method: 'POST', url: '/', status: 200, ms: 1 }
  return { seq, id, at: 1, direction: 'api', platform: 'line', ...rest }
}

function data(lines: ChatLine[] = []): PageData {
  const phone = { bot: 'b', botName: 'B', webhookUrl: 'http://x', users: [], rooms: [] }
  const state: PageState = {
    at: 0,
    version: '1',
    platforms: [
      { ...phone, platform: 'line', lines },
      { ...phone, platform: 'tocaro', lines: [] },
    ],
    faults: [],
    backstage: { available: false, stories: false },
    scenario: { recording: false, steps: 0 },
    seq: 0,
  }
  return { state, exchanges: [] }
}

const linesOf = ({ state }: PageData) => state.platforms[0]!.lines

test('a new line goes where its time puts it, behind others of the same time', () => {
  let now = data([line({ id: 'a', at: 10 }), line({ id: 'c', at: 30 })])
  now = applyEvent(now, { kind: 'line', line: line({ id: 'b', at: 10, seq: 5 }) })
  expect(linesOf(now).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(now.state.seq).toBe(5)
})

test('a changed line replaces itself where it stands, an older form of it does not', () => {
  let now = data([line({ id: 'a' }), line({ id: 'b' })])
  now = applyEvent(now, { kind: 'line', line: line({ id: 'a', seq: 4, unsent: true }) })
  now = applyEvent(now, { kind: 'line', line: line({ id: 'a', seq: 3 }) })
  expect(linesOf(now).map(({ id, unsent }) => [id, unsent])).toEqual([
    ['a', true],
    ['b', undefined],
  ])
  expect(now.state.platforms[1]!.lines).toEqual([])
})

test('of a conversation the oldest line goes, of others none', () => {
  const many = Array.from({ length: linesKept }, (_, i) => line({ id: `${i}`, at: i + 1 }))
  const now = applyEvent(data([line({ id: 'other', lane: 'user:U2', at: 0 }), ...many]), {
    kind: 'line',
    line: line({ id: 'new', at: 999 }),
  })
  expect(linesOf(now)).toHaveLength(linesKept + 1)
  expect(linesOf(now).map(({ id }) => id)).toEqual(expect.arrayContaining(['other', 'new']))
  expect(linesOf(now).some(({ id }) => id === '0')).toBe(false)
})

test('an exchange comes again with its answer; only the latest are kept', () => {
  let now = applyEvent(data(), { kind: 'exchange', exchange: exchange('x', 1) })
  now = applyEvent(now, { kind: 'exchange', exchange: { ...exchange('x', 2), status: 429 } })
  expect(now.exchanges.map(({ status }) => status)).toEqual([429])
  for (let i = 0; i < exchangesKept; i++) {
    now = applyEvent(now, { kind: 'exchange', exchange: exchange(`${i}`, i + 3) })
  }
  expect(now.exchanges).toHaveLength(exchangesKept)
  expect(now.exchanges.some(({ id }) => id === 'x')).toBe(false)
})

test('phones come without their lines, which stay', () => {
  const before = data([line({})])
  const platforms = before.state.platforms.map(({ lines: _lines, ...phone }) => ({
    ...phone,
    botName: 'New',
  }))
  const now = applyEvent(before, { kind: 'phones', platforms })
  expect(now.state.platforms[0]).toMatchObject({ botName: 'New', lines: [{ id: 'a' }] })
})

test('what is not about the phones is replaced', () => {
  const backstage = { available: true, stories: true }
  const scenario = { recording: true, steps: 2 }
  let now = applyEvent(data(), { kind: 'backstage', backstage })
  now = applyEvent(now, { kind: 'scenario', scenario })
  now = applyEvent(now, { kind: 'faults', faults: [] })
  expect(now.state).toMatchObject({ backstage, scenario, faults: [] })
})
