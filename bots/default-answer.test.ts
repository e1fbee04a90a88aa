import { testBot } from 'hookline/testing'
import bot from './default-answer'

const sorry = '申し訳ありません。文字のメッセージだけお受けしています。'

test('answers texts and greets', async () => {
  const chat = testBot(bot)
  await chat.follows()
  await chat.says('こんにちは')
  expect(chat.replies).toEqual(['はじめまして。ご用件を文字でお送りください。', 'メッセージ: こんにちは'])
})

test.each(['image', 'video', 'audio', 'file', 'location', 'sticker'] as const)(
  'gives the default answer to a %s',
  async (type) => {
    const chat = testBot(bot)
    await chat.sends(type)
    expect(chat.replies).toEqual([sorry])
  },
)

test('is silent where nobody listens', async () => {
  const chat = testBot(bot)
  await chat.unfollows()
  await chat.leaves()
  await chat.receives({ type: 'unsend', messageId: '1' })
  expect(chat.replies).toEqual([])
})
