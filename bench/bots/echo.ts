import { defineBot } from 'hookline'

/** Repeats every text. */
export default defineBot((bot) => {
  bot.on('text', (ctx) => ctx.reply(ctx.text))
})
