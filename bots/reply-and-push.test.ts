import { testBot } from 'hookline/testing'
import bot from './reply-and-push'

const log = jest.spyOn(console, 'log').mockImplementation(() => undefined)
beforeEach(() => log.mockClear())

test('replies, and logs the event without its words', async () => {
  const chat = testBot(bot, { user: 'U1' })
  await chat.says('見積もりをお願いします')
  expect(chat.replies).toEqual(['「見積もりをお願いします」ですね。承りました。'])
  expect(log.mock.calls).toEqual([[expect.stringContaining('"userId":"U1"')]])
  expect(log.mock.calls.join()).not.toContain('見積もり')
})

test('pushes to a user, on Tocaro to a group, and to where it was asked', async () => {
  const chat = testBot(bot)
  await chat.says('/push U2 お荷物が 届きました')
  await chat.says('/announce 本日休業')
  expect(chat.pushes).toEqual([
    { message: 'お荷物が 届きました', to: { kind: 'user', id: 'U2' } },
    { message: 'お知らせ: 本日休業', to: undefined },
  ])
  const tocaro = testBot(bot, { platform: 'tocaro' })
  await tocaro.says('/push gr1 会議です')
  expect(tocaro.pushes).toEqual([{ message: '会議です', to: { kind: 'group', id: 'gr1' } }])
})

test('tells how to push', async () => {
  const chat = testBot(bot)
  await chat.says('/push U2')
  expect(chat.replies).toEqual(['使い方: /push ユーザーID メッセージ'])
})
