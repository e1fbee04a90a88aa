import { action, buttons, defineBot } from 'hookline'

/** Who decides: the user id of a LINE WORKS member. */
const approver = '0d3f9a52-7c11-4e0b-9a77-f1c2aa01be10'

/** All that a decision needs comes back with the button, so nothing is lost when the bot restarts. */
interface Request {
  ok: boolean
  id: string
  by: string
  what: string
}

/** Requester → approver, by buttons → result back. `done`: what the approver has decided. */
export default defineBot(
  { platform: 'lineworks', session: { start: () => ({ done: [] as string[] }) } },
  (bot) => {
    bot.hears(/^申請\s+(.{1,100})$/, async (ctx) => {
      const what = ctx.match[1] ?? ''
      const request = { id: ctx.key.slice(0, 16), by: ctx.userId, what }
      const choice = (label: string, ok: boolean) =>
        action.postback(label, JSON.stringify({ ok, ...request }))
      const question = buttons(`申請が届きました。\n${what}`, [
        choice('承認する', true),
        choice('却下する', false),
      ])
      await ctx.push(question, { to: { kind: 'user', id: approver } })
      await ctx.reply('承認者に送りました。結果をお待ちください。')
    })

    bot.on('postback', { from: approver, data: /^\{"ok"/ }, async (ctx) => {
      const { ok, id, by, what } = JSON.parse(ctx.data) as Request
      // A second tap changes nothing; the oldest are forgotten.
      if (ctx.session.done.includes(id)) return ctx.reply('この申請は処理済みです。')
      ctx.session.done = [...ctx.session.done, id].slice(-500)
      const result = ok ? '承認' : '却下'
      await ctx.push(`「${what}」は${result}されました。`, { to: { kind: 'user', id: by } })
      return ctx.reply(`${result}しました。`)
    })

    bot.on('text', (ctx) => ctx.reply('「申請 備品の購入」のようにお送りください。'))
  },
)
