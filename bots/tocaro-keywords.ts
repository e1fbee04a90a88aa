import { defineBot, text } from 'hookline'

/** What is asked again and again. The first that fits answers. */
const answers: [RegExp, string][] = [
  [/経費|精算/, '経費精算は毎月 25 日締めです。https://example.com/expenses'],
  [/有給|休暇/, '休暇の申請はこちらからお願いします。https://example.com/leave'],
  [/(wi-?fi|無線)/i, '社内 Wi-Fi のパスワードは総務（内線 100）にお尋ねください。'],
]

/** Answers keywords in a group, with a mention of whoever asked. */
export default defineBot({ platform: 'tocaro' }, (bot) => {
  for (const [keyword, answer] of answers) {
    bot.hears(keyword, (ctx) => {
      const { userId } = ctx
      if (userId === undefined) return ctx.reply(answer)
      return ctx.reply(text(`{who} ${answer}`, { mentions: { who: { userId } } }))
    })
  }

  // Only who calls the bot by name learns that it does not know. Needs TOCARO_BOT_USER or TOCARO_BOT_NAME.
  bot.on('text', { mentioned: true }, (ctx) => ctx.reply('「経費」「休暇」「Wi-Fi」についてお答えできます。'))
})
