import { testBot } from 'hookline/testing'
import bot from './lineworks-echo'

test('greets and repeats', async () => {
  const chat = testBot(bot)
  await chat.says('利用開始', { postback: 'start' })
  await chat.says('お疲れさまです')
  expect(chat.replies).toEqual(['はじめまして！メッセージをそのままお返しします。', 'お疲れさまです'])
})

test('answers a sticker with the same one', async () => {
  const chat = testBot(bot)
  await chat.sends('sticker', { packageId: '1', stickerId: '2' })
  expect(chat.sent).toEqual([{ type: 'sticker', packageId: '1', stickerId: '2' }])
})
