import { defineBot, type Context } from 'hookline'

const sorry = {
  ja: '申し訳ありません。今はテキストメッセージにだけお答えできます。',
  en: 'Sorry, I only understand text messages so far.',
}
const hello = {
  ja: 'はじめまして！メッセージを送っていただければ、そのままお返しします。',
  en: 'Hello! Send me a message and I will repeat it.',
}

/** In the user's language where the platform tells it, else in both. */
async function inTheirLanguage(ctx: Context, text: { ja: string; en: string }): Promise<string> {
  const language = await ctx.language()
  if (language === undefined) return `${text.ja}\n${text.en}`
  return language.startsWith('ja') ? text.ja : text.en
}

export default defineBot((bot) => {
  bot.on('text', (ctx) => ctx.reply(ctx.text))

  bot.on(['follow', 'join', 'begin'], async (ctx) => ctx.reply(await inTheirLanguage(ctx, hello)))

  bot.on(['image', 'video', 'audio', 'file', 'location', 'sticker', 'postback'], async (ctx) =>
    ctx.reply(await inTheirLanguage(ctx, sorry)),
  )
})
