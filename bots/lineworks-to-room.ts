import { defineBot } from 'hookline'

/** The room that gets the news. `/room`, said in the room, tells its id. */
const newsRoom = { kind: 'channel', id: 'news-room' } as const

export default defineBot({ platform: 'lineworks' }, (bot) => {
  bot.command('room', (ctx) => ctx.reply(`このトークルームのID: ${ctx.conversation.id}`))

  bot.command('news', async (ctx) => {
    await ctx.push(`【お知らせ】${ctx.args.join(' ')}`, { to: newsRoom })
    await ctx.reply('投稿しました。')
  })

  // Nobody asks for this one: every Friday at five.
  bot.every('0 17 * * 5', { timeZone: 'Asia/Tokyo', name: 'weekly-report' }, (ctx) =>
    ctx.push('週報の提出をお願いします。', { to: newsRoom }),
  )
})
