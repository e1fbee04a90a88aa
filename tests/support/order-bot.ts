import { action, buttons, carousel, defineBot, image, native, text } from 'hookline'

const menu = [
  { id: 'apple', name: 'りんご' },
  { id: 'orange', name: 'みかん' },
]
/** Something of everything: `testBot` and the real processes must say the same. */
export default defineBot({ session: { start: () => ({ items: [] as string[] }) } }, (bot) => {
  bot.hears('menu', async (ctx) => {
    await ctx.push('少々お待ちください')
    await ctx.reply(
      text('いらっしゃい', { quickReplies: ['やめる', action.link('電話', 'tel:0312345678')] }),
      image('https://例え.jp/画像.png'),
      carousel(
        menu.map(({ id, name }) => ({
          title: name,
          text: '120円',
          actions: [action.postback(name, `buy=${id}`)],
        })),
      ),
    )
  })
  bot.on('postback', { data: /^buy=(.+)$/ }, async (ctx) => {
    ctx.session.items.push(ctx.match[1] ?? '')
    ctx.after('1s', 'remind', { count: ctx.session.items.length })
    const sure = [action.postback('はい', 'yes'), action.postback('いいえ', 'no')] as const
    await ctx.reply(buttons(`${ctx.session.items.join()} で良いですか`, sure))
  })
  bot.on('timer:remind', (ctx) => ctx.reply(`${JSON.stringify(ctx.data)} ${ctx.session.items.join()}`))
  bot.on('postback', { data: 'yes' }, async (ctx) => {
    if (ctx.platform === 'line')
      await ctx.reply(native.line({ type: 'sticker', packageId: '446', stickerId: '1988' }))
    if (ctx.platform === 'lineworks') {
      const body = { type: 'box', layout: 'vertical', contents: [{ type: 'text', text: '済' }] } as const
      await ctx.reply(native.lineworksFlex({ altText: '済', contents: { type: 'bubble', body } }))
    }
    if (ctx.platform === 'tocaro') await ctx.reply(native.tocaro({ text: '済' }))
  })
  bot.hears('やめる', async (ctx) => {
    await ctx.reply('ではまた')
    throw new Error('after all')
  })
  bot.catch(async (error, ctx) => {
    await ctx.reply(`${(error as Error).message}: ${ctx.session.items.join()}`)
  })
})
