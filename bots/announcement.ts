import { holidays } from '@holiday-jp/holiday_jp'
import { defineBot } from 'hookline'

/** Where the announcement goes: a group's id, which the bot tells when it is invited. */
const room = { kind: 'group', id: 'Ce0000000000000000000000000000001' } as const

const timeZone = 'Asia/Tokyo'
const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })

/** Date and hour in Tokyo, wherever the server stands: `2026-04-01`, 9. */
function inTokyo(time: number): { date: string; hour: number } {
  const [date = '', clock = ''] = parts.format(time).split(' ')
  return { date, hour: Number(clock.slice(0, 2)) }
}

/** Monday to Friday, no public holiday, and not around New Year. */
export function isBusinessDay(time: number): boolean {
  const { date } = inTokyo(time)
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  const isNewYear = /-(12-(29|30|31)|01-0[123])$/.test(date)
  return weekday !== 0 && weekday !== 6 && !isNewYear && !(date in holidays)
}

/** Announces every business day at nine, and tells who writes outside of business hours when to expect an answer. */
export default defineBot({ platform: 'line' }, (bot) => {
  bot.every('0 9 * * *', { timeZone, name: 'morning' }, async (ctx) => {
    if (!isBusinessDay(ctx.occurredAt)) return
    await ctx.push('おはようございます。本日の営業を開始します。', { to: room })
  })

  bot.on('join', (ctx) => ctx.reply(`このグループのID: ${ctx.conversation.id}`))

  bot.on('text', { in: 'user' }, (ctx) => {
    const { hour } = inTokyo(ctx.occurredAt)
    const isOpen = isBusinessDay(ctx.occurredAt) && hour >= 9 && hour < 18
    return ctx.reply(
      isOpen ? '担当者が確認します。' : '営業時間は平日 9:00〜18:00 です。翌営業日にお返事します。',
    )
  })
})
