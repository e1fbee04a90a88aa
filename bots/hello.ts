import { defineBot } from 'hookline'

export default defineBot((bot) => {
  bot.hears('ping', (ctx) => ctx.reply('pong'))
  bot.on('text', (ctx) => ctx.reply(ctx.text))
  bot.otherwise((ctx) => ctx.reply('Sorry, I only understand text so far.'))
})
