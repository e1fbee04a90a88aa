import { defineBot } from 'hookline'

/** One handler for each kind of event; whatever has none gets the default answer. */
export default defineBot((bot) => {
  bot.on('text', (ctx) => ctx.reply(`メッセージ: ${ctx.text}`))
  bot.on(['follow', 'begin', 'join'], (ctx) => ctx.reply('はじめまして。ご用件を文字でお送りください。'))
  bot.on('memberJoined', (ctx) => ctx.reply('ようこそ！'))

  // Nobody is there to be answered, or nothing was asked.
  bot.on(['unfollow', 'leave', 'end', 'memberLeft', 'unsend', 'unknown'], () => undefined)

  bot.otherwise((ctx) => ctx.reply('申し訳ありません。文字のメッセージだけお受けしています。'))
})
