import type { FeedEntry } from '../../apps/console/api-types'
import { mostRows, withEntries } from './feed-rows'

const entry = (at: number): FeedEntry => ({ kind: 'stored', at, bot: 'shop' })

test('the latest stands first, each with a number of its own', () => {
  const rows = withEntries(withEntries([], [entry(1), entry(2)]), [entry(3)])
  expect(rows.map(({ at, n }) => [at, n])).toEqual([
    [3, 3],
    [2, 2],
    [1, 1],
  ])
})

test('no more than the page can carry', () => {
  const rows = withEntries(
    [],
    Array.from({ length: mostRows + 7 }, (_, index) => entry(index)),
  )
  expect(rows).toHaveLength(mostRows)
  expect(rows[0]?.at).toBe(mostRows + 6)
})
