import { readOptions } from './options'

test('without arguments everything runs, and the page is written', () => {
  expect(readOptions([])).toMatchObject({ rounds: 5, seconds: 5, minutes: 2, quick: false, writesPage: true })
  expect(readOptions([]).only).toContain('growth')
})

test('a part or a smoke run writes no page', () => {
  expect(readOptions(['--only', 'way', '--only', 'ack'])).toMatchObject({
    only: ['way', 'ack'],
    writesPage: false,
  })
  expect(readOptions(['--quick'])).toMatchObject({ rounds: 1, seconds: 1, writesPage: false })
})

test('a part beside the rest of an earlier run writes the page', () => {
  const options = readOptions(['--only', 'memory', '--beside', 'run.json'])
  expect(options).toMatchObject({ only: ['memory'], beside: 'run.json', writesPage: true })
})

test.each([
  [['--only', 'speed'], '--only speed is unknown. There are: ingress'],
  [['--rounds', '0'], '--rounds 0 is not a whole number above 0.'],
  [['--seconds', 'x'], '--seconds x is not a whole number above 0.'],
])('%j is refused with the reason', (args, reason) => {
  expect(() => readOptions(args)).toThrow(reason)
})
