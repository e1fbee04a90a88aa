import { keptBytes } from './page-exchanges'

test('of a large body only what is shown is kept in memory', () => {
  const large = Buffer.alloc(2 * 1024 * 1024, 'x')
  const kept = keptBytes(large)
  expect(kept.length).toBe(64 * 1024 + 1)
  expect(kept.buffer).not.toBe(large.buffer)
  const small = Buffer.from('small')
  expect(keptBytes(small)).toBe(small)
})
