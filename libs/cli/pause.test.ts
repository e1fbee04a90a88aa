import { durationMs } from './pause'

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('%s is a time', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

test.each(['', '0m', '30', '1.5h', '-1m', '30 m', '5w', '9999999s'])('"%s" is none', (text) => {
  expect(() => durationMs(text)).toThrow('is no time')
})
