import { bytes, duration, hourMinute } from './format'

test.each([
  [0, '0 ms', '0 ms'],
  [340, '340 ms', '340 ms'],
  [2400, '2.4 s', '2.4 秒'],
  [12_300, '12 s', '12 秒'],
  [59 * 60_000, '59 min', '59 分'],
  [5 * 3_600_000, '5 h', '5 時間'],
  [49 * 3_600_000, '2 d', '2 日'],
])('%d ms', (ms, en, ja) => {
  expect(duration(ms, 'en')).toBe(en)
  expect(duration(ms, 'ja')).toBe(ja)
})

test('the date stands only before times of another day', () => {
  const at = new Date(2026, 6, 1, 9, 5).getTime()
  expect(hourMinute(at, 'en', at + 60_000)).toBe('09:05')
  expect(hourMinute(at, 'en', at + 86_400_000)).toContain('1 Jul')
})

test('bytes', () => {
  expect(bytes(512 * 1024 * 1024, 'en')).toBe('512 MB')
})
