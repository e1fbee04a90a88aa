import { testBot } from 'hookline/testing'
import bot from './lineworks-to-user'

test('writes to another user', async () => {
  const chat = testBot(bot, { user: 'hanako' })
  await chat.says('/whoami')
  await chat.says('/send taro 14時に 会議室へ')
  expect(chat.pushes).toEqual([{ message: '伝言です: 14時に 会議室へ', to: { kind: 'user', id: 'taro' } }])
  expect(chat.replies).toEqual(['あなたのユーザーID: hanako', 'お伝えしました。'])
})

test('tells how to send', async () => {
  const chat = testBot(bot)
  await chat.says('/send taro')
  expect(chat.replies).toEqual(['使い方: /send ユーザーID メッセージ'])
  expect(chat.pushes).toEqual([])
})
