import { defineBot } from 'hookline'

// One file for LINE, LINE WORKS and Tocaro. `npm start`, then `npm run chat` in another terminal.
export default defineBot((bot) => {
  bot.on(['follow', 'join', 'begin'], (ctx) => ctx.reply('Hello! Say "menu" to see what I can do.'))

  bot.hears('ping', (ctx) => ctx.reply('pong'))

  bot.hears(/^(menu|メニュー)$/i, (ctx) =>
    ctx.reply({
      type: 'buttons',
      text: 'What would you like?',
      actions: [
        { type: 'postback', label: 'The time', data: 'show=time' },
        { type: 'postback', label: 'A dice roll', data: 'show=dice' },
      ],
    }),
  )

  bot.on('postback', (ctx) => {
    if (ctx.data === 'show=time') return ctx.reply(`It is ${new Date().toISOString()}.`)
    if (ctx.data === 'show=dice') return ctx.reply(`You rolled a ${1 + Math.floor(Math.random() * 6)}.`)
    return ctx.reply('That button is from an earlier version of me. Say "menu".')
  })

  bot.on('text', (ctx) => ctx.reply(`You said: ${ctx.text}`))

  bot.otherwise((ctx) => {
    // What nobody can be answered to, such as an unfollow, comes here too.
    if (['image', 'video', 'audio', 'file', 'sticker', 'location'].includes(ctx.type))
      return ctx.reply('I only understand text so far.')
  })
})
