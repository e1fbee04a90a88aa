import { defineBot, sticker } from 'hookline'

/** The first LINE WORKS bot: greets, repeats texts, answers a sticker with the same one. */
export default defineBot({ platform: 'lineworks' }, (bot) => {
  bot.on(['begin', 'join'], (ctx) => ctx.reply('はじめまして！メッセージをそのままお返しします。'))
  // The button that opens the talk room arrives as a text, too.
  bot.on('postback', { data: 'start' }, (ctx) =>
    ctx.reply('はじめまして！メッセージをそのままお返しします。'),
  )
  bot.on('text', (ctx) => ctx.reply(ctx.text))
  bot.on('sticker', (ctx) => {
    const { packageId, stickerId } = ctx
    return ctx.reply(sticker({ lineworks: { packageId, stickerId }, alt: '🙂' }))
  })
})
