import { action, buttons, defineBot, native, text } from 'hookline'

/** A flower shop, for the pictures in docs/images. */
const bouquets = [
  { name: '季節の花束', price: '¥3,300' },
  { name: 'バラのブーケ', price: '¥5,500' },
  { name: '胡蝶蘭(3 本立ち)', price: '¥16,500' },
]

const flowers = native.line({
  type: 'flex',
  altText: '本日のおすすめ',
  contents: {
    type: 'bubble',
    body: {
      type: 'box',
      layout: 'vertical',
      spacing: 'md',
      contents: [
        { type: 'text', text: '本日のおすすめ', weight: 'bold', size: 'lg' },
        { type: 'text', text: '16 時までのご注文は当日お届け', size: 'sm', color: '#6b7280', wrap: true },
        { type: 'separator', margin: 'md' },
        ...bouquets.map(({ name, price }) => ({
          type: 'box' as const,
          layout: 'horizontal' as const,
          contents: [
            { type: 'text' as const, text: name, size: 'sm' as const, flex: 3 },
            { type: 'text' as const, text: price, size: 'sm' as const, align: 'end' as const, flex: 2 },
          ],
        })),
      ],
    },
    footer: {
      type: 'box',
      layout: 'vertical',
      spacing: 'sm',
      contents: [
        {
          type: 'button',
          style: 'primary',
          color: '#2f7d4f',
          action: { type: 'postback', label: '注文する', data: 'do=order', displayText: '注文する' },
        },
        {
          type: 'button',
          style: 'link',
          action: { type: 'postback', label: '店舗を探す', data: 'do=shops', displayText: '店舗を探す' },
        },
      ],
    },
  },
})

/** With the paths of a container, not those of the machine that takes the pictures. */
function invoiceProblem(): Error {
  const error = new Error('invoice service: connect ECONNREFUSED 10.0.4.12:8443')
  error.stack = `Error: ${error.message}\n    at Object.handler (/app/bots/flower-shop.ts:41:11)`
  return error
}

export default defineBot((bot) => {
  bot.hears(/おすすめ/, async (ctx) => {
    if (ctx.platform === 'line') return ctx.reply(flowers)
    await ctx.reply(
      buttons(
        '本日のおすすめです。どれになさいますか?',
        bouquets.map(({ name }) => action.postback(name, `order=${name}`)),
      ),
    )
  })

  bot.on('postback', { data: /^order=(.+)$/ }, (ctx) =>
    ctx.reply(`${ctx.match[1]}ですね。お届け日をお知らせください。`),
  )
  bot.on('postback', (ctx) =>
    ctx.reply(text('お届け日をお選びください。', { quickReplies: ['今日', '明日', '日時を指定'] })),
  )

  // What the dead letters come from: a program behind the bot that is away.
  bot.hears(/納品書/, () => {
    throw invoiceProblem()
  })

  bot.hears(/番号 (\d+)/, (ctx) => ctx.reply(`ご注文 ${ctx.match[1]} は 14 時ごろにお届けの予定です。`))
  bot.hears(/ありがとう/, (ctx) => ctx.reply('またのご利用をお待ちしております。'))
  bot.hears(/届|配送/, (ctx) => ctx.reply('ただいま配送中です。14 時ごろにお届けの予定です。'))
  bot.on('text', (ctx) => ctx.reply('承知しました。担当者に確認して、ご連絡いたします。'))
})
