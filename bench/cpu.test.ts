import { cpuOf, parseStat } from './cpu'

test('user and system time of a process whose name looks like fields', () => {
  const stat = '42 (a) b (c) 1 2 3) S 1 42 42 0 -1 4194304 500 0 0 0 120 30 7 9 20 0 11 0 100 1000 200'
  expect(parseStat(stat)).toBe(1_500_000)
})

test('a process that is gone has no time', () => {
  expect(cpuOf([2 ** 30])).toBeNaN()
})
