import { testBot } from 'hookline/testing'
import bot from './tocaro-keywords'

test('answers a keyword and mentions who asked', async () => {
  const chat = testBot(bot, { user: 'us1' })
  await chat.says('来月の有給の申請方法を教えてください')
  expect(chat.sent).toEqual([
    {
      text: expect.stringMatching(/^@\S+ 休暇の申請はこちら/) as string,
      mentions: ['us1'],
    },
  ])
})

test('helps who calls it by name, and stays out of other talk', async () => {
  const chat = testBot(bot)
  await chat.says('お昼はどこにしますか')
  await chat.says('@ボット お昼は？', { mentions: [{ userId: 'bot', self: true }] })
  expect(chat.replies).toEqual(['「経費」「休暇」「Wi-Fi」についてお答えできます。'])
})
