import { testBot } from 'hookline/testing'
import bot from './order'

test.each(['line', 'lineworks', 'tocaro'] as const)('takes an order on %s', async (platform) => {
  const chat = testBot(bot, { platform })
  await chat.says('注文')
  await chat.taps('紅茶')
  await chat.taps('2')
  expect(chat.replies.at(-1)).toBe('紅茶 2 つ、承りました。ありがとうございます。')
  expect(chat.session).toEqual({})
})

test('forgets an order that is cancelled, or that nobody goes on with', async () => {
  const chat = testBot(bot)
  await chat.says('緑茶')
  await chat.taps('やめる')
  await chat.says('1')
  await chat.says('緑茶')
  await chat.passes('2h')
  await chat.says('1')
  expect(chat.replies.filter((reply) => JSON.stringify(reply).includes('承りました'))).toEqual([])
})

test('two customers have an order each', async () => {
  const [hanako, taro] = [testBot(bot), testBot(bot)].map((chat, i) => chat.as(`U${i}`))
  await hanako?.says('紅茶')
  await taro?.says('1')
  await hanako?.says('1')
  expect(hanako?.replies.at(-1)).toBe('紅茶 1 つ、承りました。ありがとうございます。')
  expect(taro?.replies).toHaveLength(1)
})
