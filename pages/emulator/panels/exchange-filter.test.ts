import type { ExchangeRow } from '../../../libs/emulator/page-types'
import { filtered, operationsOf, statusClass } from './exchange-filter'

const row = (seq: number, rest: Partial<ExchangeRow> = {}): ExchangeRow => ({
  seq,
  id: `x${seq}`,
  at: seq,
  direction: 'api',
  platform: 'line',
  operation: 'reply',
  method: 'POST',
  url: '/v2/bot/message/reply',
  status: 200,
  ms: 3,
  ...rest,
})
const rows = [
  row(1, { direction: 'webhook', operation: 'text' }),
  row(2, { status: 429 }),
  row(3, { platform: 'tocaro', status: 0 }),
  row(4, { operation: 'push' }),
]
const ids = (found: ExchangeRow[]) => found.map(({ seq }) => seq)

it('shows the newest first', () => {
  expect(ids(filtered(rows, {}))).toEqual([4, 3, 2, 1])
})

it('keeps what fits all that was chosen', () => {
  expect(ids(filtered(rows, { platform: 'line' }))).toEqual([4, 2, 1])
  expect(ids(filtered(rows, { direction: 'webhook' }))).toEqual([1])
  expect(ids(filtered(rows, { status: 'bad' }))).toEqual([2])
  expect(ids(filtered(rows, { status: 'none' }))).toEqual([3])
  expect(ids(filtered(rows, { platform: 'line', operation: 'reply', status: 'good' }))).toEqual([])
})

it('shows the latest where there are many', () => {
  const many = Array.from({ length: 500 }, (_, i) => row(i))
  expect(filtered(many, {})).toHaveLength(200)
  expect(filtered(many, {})[0]?.seq).toBe(499)
})

it('lists each operation once', () => {
  expect(operationsOf(rows)).toEqual(['push', 'reply', 'text'])
})

it('tells no answer from a bad one', () => {
  expect([200, 302, 400, 500, 0].map(statusClass)).toEqual(['good', 'good', 'bad', 'bad', 'none'])
})
