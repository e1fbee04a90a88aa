import { testBot } from 'hookline/testing'
import bot from './hello'

test('answers ping, echoes the rest', async () => {
  const chat = testBot(bot)
  await chat.says('ping')
  await chat.says('おはよう')
  expect(chat.replies).toEqual(['pong', 'おはよう'])
})
