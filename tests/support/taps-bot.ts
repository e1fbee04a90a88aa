import { action, buttons, carousel, defineBot, native, text } from 'hookline'

/** Something of everything that can be tapped. */
export default defineBot((bot) => {
  bot.hears('buttons', (ctx) =>
    ctx.reply(
      buttons('Which way?', [action.postback('Left', 'go=left'), action.postback('Right', 'go=right')]),
    ),
  )
  bot.hears('quick', (ctx) =>
    ctx.reply(text('Hungry?', { quickReplies: [action.postback('Later', 'eat=later'), 'Yes, please'] })),
  )
  bot.hears('cards', (ctx) =>
    ctx.reply(
      carousel([
        { title: 'Apple', text: '120 yen', actions: [action.postback('Buy an apple', 'buy=apple')] },
        { title: 'Plum', text: '90 yen', actions: [action.postback('Buy a plum', 'buy=plum')] },
      ]),
    ),
  )
  bot.hears('flex', { platform: 'line' }, (ctx) => {
    const pay = { type: 'postback', label: 'Pay now', data: 'pay=now' } as const
    return ctx.reply(
      native.line({
        type: 'flex',
        altText: 'The bill',
        contents: {
          type: 'bubble',
          body: { type: 'box', layout: 'vertical', contents: [{ type: 'text', text: 'The bill: 210 yen' }] },
          footer: { type: 'box', layout: 'vertical', contents: [{ type: 'button', action: pay }] },
        },
      }),
    )
  })
  bot.on('postback', (ctx) => ctx.reply(`You chose ${ctx.data}`))
  bot.on('follow', (ctx) => ctx.reply('Welcome back'))
  bot.on('text', (ctx) => ctx.reply(`I heard ${ctx.text}`))
})
