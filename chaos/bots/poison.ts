import { defineBot } from 'hookline'

/** Repeats every text, but dies of one kind and never comes back from another. */
export default defineBot((bot) => {
  bot.on('text', async (ctx) => {
    if (ctx.text.endsWith(' exit')) process.exit(1)
    if (ctx.text.endsWith(' hang')) await new Promise(() => undefined)
    await ctx.reply(ctx.text)
  })
})
