import { defineBot } from 'hookline'

/** The order of bots/order.ts as a dialogue: several questions in one async function. */
export default defineBot((bot) => {
  bot.hears('注文', (ctx) => ctx.start('order'))

  bot.dialogue('order', { cancel: /^やめる$/, cancelled: 'ご注文を取り消しました。' }, async (talk) => {
    const drink = await talk.ask('お飲み物をお選びください。', { quickReplies: ['コーヒー', '紅茶', '緑茶'] })
    const count = await talk.ask('いくつご用意しますか。', {
      quickReplies: ['1', '2', '3', 'やめる'],
      accept: (event) => (event.type === 'text' && Number(event.text.normalize('NFKC'))) || undefined,
      otherwise: '数字でお答えください。',
    })
    // `once`: the function runs from its beginning at each answer, the number must stay the same.
    const number = await talk.once('number', () => Math.floor(1000 + Math.random() * 9000))
    const sure = await talk.ask(`${drink} ${count} つでよろしいですか。`, {
      quickReplies: ['はい', 'いいえ'],
    })
    await talk.say(sure === 'はい' ? `承りました。番号は ${number} です。` : 'ご注文を取り消しました。')
  })
})
