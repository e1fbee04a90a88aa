import { action, buttons, defineBot } from 'hookline'

/** Answers the choices of the persistent menu in bots/menus/lineworks-menu.yaml. */
export default defineBot({ platform: 'lineworks' }, (bot) => {
  bot.on('postback', { data: 'menu=attendance' }, (ctx) =>
    ctx.reply(
      buttons('どちらを報告しますか。', [
        action.postback('出勤', 'attendance=in'),
        action.postback('退勤', 'attendance=out'),
      ]),
    ),
  )
  bot.on('postback', { data: /^attendance=(in|out)$/ }, (ctx) =>
    ctx.reply(ctx.match[1] === 'in' ? '出勤を記録しました。' : '退勤を記録しました。お疲れさまでした。'),
  )
  bot.on('postback', { data: 'menu=today' }, (ctx) => ctx.reply('今日の予定はありません。'))
  bot.on('text', (ctx) => ctx.reply('下のメニューから選んでください。'))
})
