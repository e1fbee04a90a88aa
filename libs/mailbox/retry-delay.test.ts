import { retryDelay } from './retry-delay'

test('doubles from one second to five minutes', () => {
  const whole = [1, 2, 3, 4, 9, 10, 50, 5000].map((failures) => retryDelay(failures, () => 0))
  expect(whole).toEqual([1000, 2000, 4000, 8000, 256_000, 300_000, 300_000, 300_000])
})

test('takes up to half off, so that lanes come back one by one', () => {
  expect(retryDelay(3, () => 0.5)).toBe(3000)
  expect(retryDelay(3, () => 0.999)).toBeGreaterThanOrEqual(2000)
})
