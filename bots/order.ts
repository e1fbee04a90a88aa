import { defineBot, text } from 'hookline'

const drinks = ['コーヒー', '紅茶', '緑茶']
const counts = ['1', '2', '3']

interface Order {
  drink?: string
}

/** Takes an order step by step. The session says how far it is; it survives restarts. */
export default defineBot({ session: { start: (): Order => ({}), expires: '1h' } }, (bot) => {
  bot.hears('注文', async (ctx) => {
    ctx.endSession()
    await ctx.reply(text('お飲み物をお選びください。', { quickReplies: drinks }))
  })

  bot.hears(drinks, async (ctx) => {
    ctx.session.drink = ctx.match[0]
    await ctx.reply(text('いくつご用意しますか。', { quickReplies: [...counts, 'やめる'] }))
  })

  bot.hears(/^[1-9]$/, { when: ({ session }) => session.drink !== undefined }, async (ctx) => {
    const { drink } = ctx.session
    ctx.endSession()
    await ctx.reply(`${drink} ${ctx.match[0]} つ、承りました。ありがとうございます。`)
  })

  bot.hears('やめる', async (ctx) => {
    ctx.endSession()
    await ctx.reply('ご注文を取り消しました。')
  })

  bot.on('text', (ctx) => ctx.reply(text('ご注文は「注文」とお送りください。', { quickReplies: ['注文'] })))
})
