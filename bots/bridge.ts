import { action, buttons, defineBot } from 'hookline'

/** The two bots, as the configuration names them; both have this file as their handler. And where the staff reads. */
const customerBot = 'line'
const staffBot = 'lineworks'
const staffRoom = { kind: 'channel', id: 'staff-room' } as const

/** LINE customers talk with staff on LINE WORKS. The session of the room says whom the staff answers. */
export default defineBot({ session: { start: () => ({ customer: '' }), expires: '1d' } }, (bot) => {
  // Loop guard: what the bridge itself has said is never carried back.
  bot.hears(/^【(お客様|担当者)】/, () => undefined)

  bot.on('text', { platform: 'line', in: 'user' }, async (ctx) => {
    const name = (await ctx.profile())?.displayName ?? 'お名前不明'
    const answer = buttons(`${name.slice(0, 40)} 様に返信しますか。`, [
      action.postback('返信する', `reply=${ctx.userId}`),
    ])
    // Stored in the other bot's lane before this event counts as handled: nothing is lost, nothing comes twice.
    await ctx.pushVia(staffBot, [`【お客様】${name} 様\n${ctx.text}`, answer], { to: staffRoom })
  })
  bot.on(['image', 'video', 'audio', 'file', 'sticker', 'location'], { platform: 'line' }, (ctx) =>
    ctx.reply('恐れ入りますが、文字でお送りください。'),
  )

  bot.on('postback', { platform: 'lineworks', data: /^reply=(.+)$/ }, async (ctx) => {
    ctx.session.customer = ctx.match[1] ?? ''
    await ctx.reply('ここに書いた内容がお客様に届きます。終わるときは「おわり」と書いてください。')
  })
  bot.hears('おわり', { platform: 'lineworks' }, async (ctx) => {
    ctx.endSession()
    await ctx.reply('お客様への返信を終わりました。')
  })
  bot.on('text', { platform: 'lineworks', when: ({ session }) => session.customer !== '' }, (ctx) =>
    ctx.pushVia(customerBot, `【担当者】${ctx.text}`, { to: { kind: 'user', id: ctx.session.customer } }),
  )
})
