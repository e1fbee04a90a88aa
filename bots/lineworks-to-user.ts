import { defineBot } from 'hookline'

/** Writes to a user: `/send ユーザーID メッセージ`. Who it is comes from the event of that user, or from the admin's page. */
export default defineBot({ platform: 'lineworks' }, (bot) => {
  bot.command('whoami', (ctx) => ctx.reply(`あなたのユーザーID: ${ctx.userId ?? '不明'}`))

  bot.command('send', async (ctx) => {
    const [id, ...words] = ctx.args
    if (!id || words.length === 0) return ctx.reply('使い方: /send ユーザーID メッセージ')
    await ctx.push(`伝言です: ${words.join(' ')}`, { to: { kind: 'user', id } })
    return ctx.reply('お伝えしました。')
  })
})
