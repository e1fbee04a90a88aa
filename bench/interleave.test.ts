import { interleave } from './interleave'

test('every other round goes backwards', async () => {
  const order: string[] = []
  const samples = await interleave(['a', 'b', 'c'] as const, 2, async (subject, round) => {
    order.push(`${subject}${round}`)
    return { round }
  })
  expect(order).toEqual(['a0', 'b0', 'c0', 'c1', 'b1', 'a1'])
  expect(samples).toEqual({
    a: [{ round: 0 }, { round: 1 }],
    b: [{ round: 0 }, { round: 1 }],
    c: [{ round: 0 }, { round: 1 }],
  })
})
