import { addCounts, countOf, quantileMs, sumOf } from './counts'

test('counts add up field by field', () => {
  const sum = addCounts([{ events: 2, 'send:sent': 1 }, {}, { events: 3, 'send:error': 4 }])
  expect(sum).toEqual({ events: 5, 'send:sent': 1, 'send:error': 4 })
  expect(countOf(sum, 'journaled')).toBe(0)
  expect(sumOf(sum, 'send:')).toBe(5)
})

describe('a quantile of buckets', () => {
  test('is linear within its bucket', () => {
    expect(quantileMs({ 'ack:0.05': 100 }, 'ack', 0.5)).toBeCloseTo(37.5)
    expect(quantileMs({ 'ack:0.001': 100 }, 'ack', 0.5)).toBeCloseTo(0.5)
  })

  test('goes by the bounds of its own histogram, also where buckets between are empty', () => {
    const counts = { 'ack:0.001': 98, 'ack:1': 2, 'wait:0.01': 1, 'ack:sum': 4000 }
    expect(quantileMs(counts, 'ack', 0.5)).toBeCloseTo(0.51, 2)
    expect(quantileMs(counts, 'ack', 0.99)).toBeCloseTo(750)
    expect(quantileMs(counts, 'wait', 0.5)).toBeCloseTo(5)
  })

  test('above all buckets is the last bound', () => {
    expect(quantileMs({ 'ack:+Inf': 3 }, 'ack', 0.99)).toBe(5000)
    expect(quantileMs({ 'handler:+Inf': 3 }, 'handler', 0.5)).toBe(60_000)
  })

  test('of nothing is undefined', () => {
    expect(quantileMs({ events: 3, 'ack:sum': 0 }, 'ack', 0.5)).toBeUndefined()
  })
})
