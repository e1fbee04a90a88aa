import { testBot } from 'hookline/testing'
import bot, { isBusinessDay } from './announcement'

const tokyo = (time: string) => new Date(`${time}:00+09:00`)

test('announces on business days only: not in Golden Week, not at weekends', async () => {
  const chat = testBot(bot, { now: tokyo('2026-04-28T12:00') })
  const announced: string[] = []
  for (let hours = 0; hours < 10 * 24; hours++) {
    const before = chat.pushes.length
    await chat.passes('1h')
    if (chat.pushes.length > before)
      announced.push(new Date(chat.now + 9 * 3_600_000).toISOString().slice(0, 13))
  }
  expect(announced).toEqual(['2026-04-30T09', '2026-05-01T09', '2026-05-07T09', '2026-05-08T09'])
})

test.each([
  ['2026-04-01T09:00', '担当者が確認します。'],
  ['2026-04-01T08:59', '営業時間は平日 9:00〜18:00 です。翌営業日にお返事します。'],
  ['2026-04-01T18:00', '営業時間は平日 9:00〜18:00 です。翌営業日にお返事します。'],
  ['2026-05-05T12:00', '営業時間は平日 9:00〜18:00 です。翌営業日にお返事します。'],
])('at %s it answers: %s', async (time, answer) => {
  const chat = testBot(bot, { now: tokyo(time) })
  await chat.says('こんにちは')
  expect(chat.replies).toEqual([answer])
})

test.each([
  ['2026-12-28T12:00', true],
  ['2026-12-29T12:00', false],
  ['2027-01-04T12:00', true],
  // Still the day before in UTC.
  ['2026-05-07T00:30', true],
])('%s is a business day: %s', (time, expected) => {
  expect(isBusinessDay(tokyo(time).getTime())).toBe(expected)
})
