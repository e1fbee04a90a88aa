import 'hookline/testing/jest'
import { testBot } from 'hookline/testing'
import bot from './order-dialogue'

test.each(['line', 'lineworks', 'tocaro'] as const)('takes an order on %s', async (platform) => {
  const chat = testBot(bot, { platform })
  await chat.says('注文')
  await chat.taps('コーヒー')
  await chat.says('たくさん')
  expect(chat.replies.at(-1)).toBe('数字でお答えください。')
  await chat.says('１２')
  expect(chat).toHaveReplied('コーヒー 12 つでよろしいですか。')
  await chat.taps('はい')
  expect(chat).toHaveReplied(/^承りました。番号は \d{4} です。$/)
})

test('can be cancelled, or answered with no', async () => {
  const chat = testBot(bot)
  await chat.says('注文')
  await chat.says('やめる')
  await chat.says('注文')
  await chat.taps('紅茶')
  await chat.taps('1')
  await chat.taps('いいえ')
  expect(chat.replies.filter((reply) => reply === 'ご注文を取り消しました。')).toHaveLength(2)
})
