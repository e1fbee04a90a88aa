import { time } from './dead-letters-command'

const now = Date.parse('2026-11-22T12:00:00Z')

test.each([
  ['45s', '2026-11-22T11:59:15Z'],
  ['30m', '2026-11-22T11:30:00Z'],
  ['2h', '2026-11-22T10:00:00Z'],
  ['3d', '2026-11-19T12:00:00Z'],
  ['2026-11-01', '2026-11-01T00:00:00Z'],
  ['2026-11-01T09:00+09:00', '2026-11-01T00:00:00Z'],
])('%s is %s', (text, date) => {
  expect(time(text, undefined, now)).toBe(Date.parse(date))
})

test.each(['', 'yesterday', '3', '3w', '-2h', '2026', '2026-13-01', '12:00'])(
  'refuses %j as a time',
  (text) => {
    expect(() => time(text, undefined, now)).toThrow(/such as 30m, 2h or 3d/)
  },
)
