import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testBot } from 'hookline/testing'
import { parse } from 'yaml'
import bot from './lineworks-menu'

interface Choice {
  type: string
  label: string
  text: string
  postback?: string
}

const file = readFileSync(join(__dirname, 'menus/lineworks-menu.yaml'), 'utf8')
const { actions } = (parse(file) as { persistentMenu: { actions: Choice[] } }).persistentMenu
const choices = actions.filter(({ type }) => type === 'message')

test.each(choices)('the menu’s choice $label has an answer of its own', async ({ text, postback }) => {
  const chat = testBot(bot)
  await chat.says(text, postback === undefined ? {} : { postback })
  expect(chat.replies).toHaveLength(1)
  expect(chat.replies).not.toEqual(['下のメニューから選んでください。'])
})

test('attendance is reported with a button', async () => {
  const chat = testBot(bot)
  await chat.says('勤怠を報告', { postback: 'menu=attendance' })
  await chat.taps('退勤')
  expect(chat.replies.at(-1)).toBe('退勤を記録しました。お疲れさまでした。')
})
