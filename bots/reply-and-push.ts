import { defineBot } from 'hookline'

/** Answers, and writes first: `/push U0123… こんにちは` to a user, `/announce こんにちは` to this conversation. */
export default defineBot((bot) => {
  // One line per event in the worker's log: what happened, not what was said.
  bot.use(async (ctx, next) => {
    const { type, platform, conversation, userId } = ctx
    console.log(JSON.stringify({ type, platform, conversation, userId }))
    await next()
  })

  bot.command('push', async (ctx) => {
    const [id, ...words] = ctx.args
    if (!id || words.length === 0) return ctx.reply('使い方: /push ユーザーID メッセージ')
    // Tocaro has groups only.
    const kind = ctx.platform === 'tocaro' ? 'group' : 'user'
    await ctx.push(words.join(' '), { to: { kind, id } })
    return ctx.reply('送信しました。')
  })

  bot.command('announce', async (ctx) => {
    await ctx.push(`お知らせ: ${ctx.args.join(' ')}`)
  })

  bot.on('text', (ctx) => ctx.reply(`「${ctx.text}」ですね。承りました。`))
})
