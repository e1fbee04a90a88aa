import { defineBot } from 'hookline'

/** Breaks the promise on purpose, for checking that the judge sees it: forgets 3, says 5 twice, swaps 7 and 8. */
export default defineBot((bot) => {
  const held = new Map<string, string>()
  bot.on('text', async (ctx) => {
    const sequence = Number(ctx.text.split('/')[1])
    if (sequence === 3) return
    if (sequence === 7) return void held.set(ctx.conversation.id, ctx.text)
    await ctx.reply(ctx.text)
    if (sequence === 5) await ctx.reply(ctx.text)
    if (sequence === 8) await ctx.reply(held.get(ctx.conversation.id) ?? '')
  })
})
