import { testBot } from 'hookline/testing'
import echo from './echo'

test('echoes texts', async () => {
  const chat = testBot(echo)
  await chat.says('こんにちは 😀')
  expect(chat.replies).toEqual(['こんにちは 😀'])
})

test.each([
  ['ja', '申し訳ありません。今はテキストメッセージにだけお答えできます。'],
  ['en', 'Sorry, I only understand text messages so far.'],
  [undefined, expect.stringMatching(/申し訳ありません.*\nSorry/)],
])('says in the language %s that it understands texts only', async (language, answer) => {
  const chat = testBot(echo, language === undefined ? {} : { language })
  await chat.receives({ type: 'sticker', packageId: '1', stickerId: '2' })
  expect(chat.replies).toEqual([answer])
})

test('is silent where an answer would be strange', async () => {
  const chat = testBot(echo)
  await chat.receives({ type: 'unfollow' })
  await chat.receives({ type: 'unsend', messageId: '1' })
  await chat.receives({ type: 'unknown', reason: 'event type "new"' })
  expect(chat.replies).toEqual([])
})
