import type { ButtonsMessage } from '#libs/contract'
import { defineBot } from '.'
import { conversation } from './state.test.support'

const menu: ButtonsMessage = {
  type: 'buttons',
  text: 'Drink?',
  actions: [
    { type: 'postback', label: '紅茶', data: 'do=tea' },
    { type: 'postback', label: 'Coffee', data: 'do=coffee' },
    { type: 'message', label: 'None', text: 'nothing, thanks' },
    { type: 'link', label: 'Web', url: 'https://example.com' },
  ],
}

const bot = defineBot((bot) => {
  bot.hears('menu', (ctx) => ctx.reply(menu))
  bot.hears('other', (ctx) => ctx.reply({ type: 'text', text: 'Sure?', quickReplies: ['yes', 'no'] }))
  bot.hears('ask', (ctx) => ctx.start('count'))
  bot.dialogue('count', async (talk) => talk.say(`${await talk.ask('How many?')} of it`))
  bot.on('postback', { data: /^do=/ }, (ctx) => ctx.reply(`postback ${ctx.data}`))
  bot.on('text', (ctx) => ctx.reply(`text ${ctx.text}`))
})

async function answers(texts: string[], platform: 'tocaro' | 'line' = 'tocaro') {
  const chat = conversation(bot, platform)
  for (const text of texts) await chat.says(text)
  return { chat, said: chat.heard().filter((message) => typeof message === 'string') }
}

describe('choices on Tocaro', () => {
  test.each([
    ['2', 'postback do=coffee'],
    ['１', 'postback do=tea'],
    [' coffee ', 'postback do=coffee'],
    ['紅茶', 'postback do=tea'],
    ['3', 'text nothing, thanks'],
    ['4', 'text 4'],
    ['12', 'text 12'],
  ])('are what %p means after they were offered', async (text, said) => {
    expect((await answers(['menu', text])).said).toEqual([said])
  })

  test('are offered until others are', async () => {
    expect((await answers(['menu', '1', '2', 'other', '1', '3'])).said).toEqual([
      'postback do=tea',
      'postback do=coffee',
      'text yes',
      'text 3',
    ])
  })

  test('are no longer meant by the answer to a question', async () => {
    expect((await answers(['menu', 'ask', '2'])).said).toEqual(['How many?', '2 of it'])
  })

  test('are forgotten after a day', async () => {
    const { chat } = await answers(['menu'])
    chat.pass(86_400_001)
    await chat.says('1')
    expect(chat.heard()).toEqual(['text 1'])
  })

  test('are for Tocaro only', async () => {
    expect((await answers(['menu', '1'], 'line')).said).toEqual(['text 1'])
  })
})
