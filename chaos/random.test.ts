import { createRandom } from './random'

const draw = (seed: number) => {
  const random = createRandom(seed)
  return Array.from({ length: 1000 }, () => random.next())
}

test('one seed gives one sequence, another seed another', () => {
  expect(draw(42)).toEqual(draw(42))
  expect(draw(42)).not.toEqual(draw(43))
})

test('draws fill their range evenly', () => {
  const draws = draw(7)
  expect(draws.every((value) => value >= 0 && value < 1)).toBe(true)
  for (const from of [0, 0.25, 0.5, 0.75]) {
    const share = draws.filter((value) => value >= from && value < from + 0.25).length
    expect(share).toBeGreaterThan(180)
    expect(share).toBeLessThan(320)
  }
})

test('whole numbers reach both ends', () => {
  const random = createRandom(1)
  const seen = new Set(Array.from({ length: 200 }, () => random.whole(3, 5)))
  expect([...seen].sort()).toEqual([3, 4, 5])
})

test("a fork's draws depend on its name, not on what was drawn before", () => {
  const used = createRandom(5)
  used.next()
  expect(used.fork('a').next()).toBe(createRandom(5).fork('a').next())
  expect(used.fork('a').next()).not.toBe(used.fork('b').next())
})

test('shuffling keeps every entry', () => {
  const list = Array.from({ length: 20 }, (_, i) => i)
  const shuffled = createRandom(3).shuffle(list)
  expect(shuffled).not.toEqual(list)
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(list)
})
