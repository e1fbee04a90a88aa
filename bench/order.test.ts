import { disorderOf } from './order'

const expected = { conversations: 2, events: 5 }

test('conversations may mix, each in its order', () => {
  const labels = ['c1 n0', 'c0 n0', 'c0 n1', 'c0 n2', 'c1 n1']
  expect(disorderOf(labels, expected)).toEqual({ missing: 0, twice: 0, reordered: 0 })
})

test('what is missing, comes twice or late is found', () => {
  const labels = ['c0 n1', 'c0 n0', 'c1 n0', 'c1 n0', 'c1 n1']
  expect(disorderOf(labels, expected)).toEqual({ missing: 1, twice: 1, reordered: 1 })
})

test('nothing at all is not in order', () => {
  expect(disorderOf([], expected).missing).toBe(5)
})
