import { testBot } from 'hookline/testing'
import { defineBot } from '.'

const mentioned = { mentions: [{ self: true, index: 0, length: 5 }] }

test.each([
  ['ping', 'ping'],
  [' ping\n', 'ping'],
  ['pong', undefined],
  ['Ping', undefined],
  ['注文 42', '注文 42'],
  ['注文 x', undefined],
])('hears %j as %j', async (text, heard) => {
  const chat = testBot(
    defineBot((bot) => bot.hears(['ping', /^注文 \d+$/], (ctx) => ctx.reply(ctx.match[0]))),
  )
  await chat.says(text)
  expect(chat.replies).toEqual(heard === undefined ? [] : [heard])
})

test.each([
  ['/help', []],
  ['／help', []],
  ['  /HELP  ', []],
  ['/ｈｅｌｐ', []],
  ['/help a  b\nc', ['a', 'b', 'c']],
  ['/help　全角 空白', ['全角', '空白']],
  ['/helper', undefined],
  ['help', undefined],
  ['please /help', undefined],
])('takes %j as the command with %j', async (text, args) => {
  let seen: string[] | undefined
  const bot = defineBot((builder) => {
    builder.command(['help', 'ヘルプ'], (ctx) => {
      seen = ctx.args
    })
  })
  await testBot(bot).says(text)
  expect(seen).toEqual(args)
})

test.each(['@Rin /help', '@Rin: /help', '@Rin　/help', '@Rin、/help'])(
  'looks behind the mention in %j',
  async (text) => {
    const chat = testBot(
      defineBot((bot) => bot.command('help', { mentioned: true }, (ctx) => ctx.reply('yes'))),
    )
    await chat.says(text, { mentions: [{ self: true, index: 0, length: 4 }] })
    expect(chat.replies).toEqual(['yes'])
  },
)

test('looks behind a mention of the bot only, and only in front', async () => {
  const chat = testBot(defineBot((bot) => bot.hears('status', (ctx) => ctx.reply('ok'))))
  await chat.says('@Rin2 status', mentioned)
  await chat.says('@Rin2 status', { mentions: [{ userId: 'U2', index: 0, length: 5 }] })
  await chat.says('status @Rin2', { mentions: [{ self: true, index: 7, length: 5 }] })
  expect(chat.replies).toEqual(['ok'])
})

test('does not carry what one listener found over to the next', async () => {
  const bot = defineBot((builder) => {
    builder.hears(/a/, { when: () => false }, () => undefined)
    builder.on('text', (ctx) => ctx.reply(String(ctx.match)))
  })
  const chat = testBot(bot)
  await chat.says('a')
  expect(chat.replies).toEqual(['undefined'])
})

test.each([
  [
    'a command with a slash',
    (name: string) => name,
    '/help',
    'without slash and blanks, such as "help", got "/help"',
  ],
  ['an empty command', (name: string) => name, '', 'without slash and blanks'],
])('refuses %s', (_name, of, name, message) => {
  expect(() => defineBot((bot) => bot.command(of(name), () => undefined))).toThrow(message)
})

test('refuses a pattern that is neither text nor regular expression', () => {
  expect(() => defineBot((bot) => bot.hears(7 as never, () => undefined))).toThrow(
    'bot.hears needs a text or a regular expression, got a number.',
  )
})
