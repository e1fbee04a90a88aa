import { testBot } from 'hookline/testing'
import bot from './lineworks-to-room'

const newsRoom = { kind: 'channel', id: 'news-room' } as const

test('posts news to the room, and tells the id of one', async () => {
  const chat = testBot(bot)
  await chat.says('/news 明日は 棚卸しです')
  await chat.says('/room', { in: { kind: 'channel', id: 'sales' } })
  expect(chat.pushes).toEqual([{ message: '【お知らせ】明日は 棚卸しです', to: newsRoom }])
  expect(chat.replies).toEqual(['投稿しました。', 'このトークルームのID: sales'])
})

test('asks for the report on Friday at five, once a week', async () => {
  const chat = testBot(bot, { now: '2026-04-02T12:00:00+09:00' })
  await chat.passes('8d')
  expect(chat.pushes).toEqual([{ message: '週報の提出をお願いします。', to: newsRoom }])
})
