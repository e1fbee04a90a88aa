import { createEffectNames } from './effect-names'

test('counts each kind of effect by itself', () => {
  const names = createEffectNames()
  expect([names.next('push'), names.next('via'), names.next('push')]).toEqual(['push.0', 'via.0', 'push.1'])
})

test('two runs at once, each within an effect of its own, do not count for each other', async () => {
  const run = async (key: string) => {
    const names = createEffectNames()
    const inside = await names.within(key, async () => {
      const first = names.next('push')
      await new Promise(setImmediate)
      return [first, names.next('push')]
    })
    return [...inside, names.next('push')]
  }
  const [a, b] = await Promise.all([run('a'), run('b')])
  expect(a).toEqual(['push.once a.0', 'push.once a.1', 'push.0'])
  expect(b).toEqual(['push.once b.0', 'push.once b.1', 'push.0'])
})
