import { median, percentile, ratios, spreadOf, valuesOf } from './statistics'

test('the median is the middle one, or between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([10, 1, 2, 3])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('a percentile is one of the values', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentile(hundred, 0.5)).toBe(50)
  expect(percentile(hundred, 0.99)).toBe(99)
  expect(percentile(hundred, 1)).toBe(100)
  expect(percentile([7], 0.01)).toBe(7)
})

test('ratios are taken within a round', () => {
  expect(ratios([10, 40], [5, 10])).toEqual([2, 4])
  expect(ratios([10, 40, 50], [5])).toEqual([2])
})

test('the values of a name, with their spread', () => {
  const samples = [{ rate: 3, cpu: 1 }, { rate: 1 }, { cpu: 2 }, { rate: 2 }]
  expect(valuesOf(samples, 'rate')).toEqual([3, 1, 2])
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 })
})
