// A bot as a stranger would write it from docs/guide, and what the tables of testing.md promise.
import 'hookline/testing/jest'
import {
  action,
  buttons,
  carousel,
  defineBot,
  native,
  text,
  HooklineError,
  type Context,
  type SubBot,
} from 'hookline'
import { testBot } from 'hookline/testing'

interface Cart {
  items: string[]
  note?: string
}
const admin: SubBot<Cart> = (bot) => {
  bot.command('reset', (ctx) => {
    ctx.endSession()
    return ctx.reply('reset')
  })
  bot.otherwise((ctx) => ctx.reply(`admin ${ctx.type}`))
}
const help = (ctx: Context) => ctx.reply('help!')
const bot = defineBot(
  { session: { start: (): Cart => ({ items: [] }), version: 2, expires: '1d' } },
  (bot) => {
    bot.use(async (_ctx, next) => {
      await next()
    })
    bot.include(admin, { from: 'admin' })
    bot.command('help', help)
    bot.hears(['cart', /^basket$/i], (ctx) =>
      ctx.reply(
        text(ctx.session.items.join(',') || 'empty', {
          quickReplies: ['help', action.postback('Buy', 'buy=all')],
        }),
      ),
    )
    bot.hears(/^add (\S+)$/, async (ctx) => {
      ctx.session.items.push(ctx.match[1] ?? '')
      ctx.after('10m', 'remind', { n: ctx.session.items.length })
      await ctx.reply(
        buttons('Sure?', [
          action.postback('Yes', 'ok=1'),
          action.postback('No', 'ok=0'),
          action.link('Site', 'https://example.com'),
        ]),
      )
    })
    bot.on('postback', { data: /^ok=(\d)$/ }, async (ctx) => {
      if (ctx.match[1] === '1') {
        const id = await ctx.once('id', () => 7)
        await ctx.reply(`ok ${id}`)
      } else {
        ctx.cancel('remind')
        await ctx.reply('no')
      }
    })
    bot.on('postback', { platform: 'line', when: (ctx) => ctx.params?.date !== undefined }, (ctx) =>
      ctx.reply(`date ${ctx.params?.date ?? ''}`),
    )
    bot.on('timer:remind', async (ctx) => {
      const { n } = ctx.data as { n: number }
      await ctx.reply(`still ${n}`)
    })
    bot.on(['image', 'file'], async (ctx) => {
      const c = await ctx.download({ maxBytes: 100 })
      await ctx.reply(`${c.contentType} ${(await c.bytes()).length}`)
    })
    bot.on('text', { platform: 'line', in: 'user' }, (ctx) => {
      if (ctx.text === 'boom') throw new Error('boom')
      return ctx.reply(
        native.line({
          type: 'flex',
          altText: 'x',
          contents: {
            type: 'carousel',
            contents: [
              {
                type: 'bubble',
                body: { type: 'box', layout: 'vertical', contents: [{ type: 'text', text: 'x' }] },
              },
            ],
          },
        }),
      )
    })
    bot.on('text', { in: 'group', mentioned: true }, (ctx) =>
      ctx.reply(carousel([{ title: 't', text: 'x', actions: [action.message('m')] }])),
    )
    bot.on(['memberJoined', 'join'], (ctx) =>
      ctx.reply(ctx.type === 'join' ? 'hi' : `hi ${ctx.members.length}`),
    )
    bot.catch(async (error, ctx) => {
      if (error instanceof HooklineError || ctx.attempt < 2) throw error
      await ctx.reply(`sorry ${(error as Error).message}`)
    })
  },
)
test.each(['line', 'lineworks', 'tocaro'] as const)('on %s', async (platform) => {
  const chat = testBot(bot, { platform, now: '2026-01-01T00:00:00Z', user: 'U1' })
  await chat.says('add tea')
  await chat.taps('Yes')
  expect(chat).toHaveReplied('ok 7')
  expect(chat).toHaveOffered('No')
  await chat.passes('10m')
  expect(chat).toHaveReplied('still 1')
  expect(chat.timers).toEqual([])
  await chat.says('cart')
  expect(chat).toHaveReplied('tea')
  expect(chat).toHaveOffered('Buy')
  if (platform !== 'tocaro') {
    chat.answers(
      platform === 'line'
        ? 'GET /v2/bot/message/{messageId}/content'
        : 'GET /bots/{botId}/attachments/{fileId}',
      Buffer.from('abc'),
    )
    await chat.sends('image', { contentId: '9' })
    expect(chat).toHaveReplied(/ 3$/)
  }
  await chat.as('admin').says('x')
  expect(chat.as('admin')).toHaveReplied('admin text')
  await chat.receives({ type: 'memberJoined', members: ['a', 'b'] })
  expect(chat).toHaveReplied('hi 2')
  await chat.says('/help me')
  expect(chat).toHaveReplied('help!')
})
test('errors, flex, groups', async () => {
  const chat = testBot(bot)
  await chat.says('anything')
  expect(chat.sent.at(-1)).toMatchObject({ type: 'flex' })
  expect(chat).toHaveReplied({ type: 'native' })
  await expect(chat.says('boom')).rejects.toThrow('boom')
  await chat.repeats()
  expect(chat).toHaveReplied('sorry boom')
  await chat.receives({ type: 'postback', data: 'd', params: { date: '2026-01-01' } })
  expect(chat).toHaveReplied('date 2026-01-01')
  const group = chat.in({ kind: 'group', id: 'G1' })
  await group.says('@bot hey', { mentions: [{ self: true, index: 0, length: 4 }] })
  expect(group).toHaveReplied({ type: 'carousel' })
  group.answers('GET /v2/bot/group/{groupId}/member/{userId}', { displayName: 'Rin' })
  expect(group.calls).toEqual([])
})

describe('the routes that testing.md names answer the portable calls', () => {
  const asking = defineBot((bot) => {
    bot.hears('who', async (ctx) => ctx.reply((await ctx.profile())?.displayName ?? '?'))
    bot.hears('all', async (ctx) => {
      const ids: string[] = []
      for await (const id of ctx.memberIds()) ids.push(id)
      await ctx.reply(ids.join())
    })
    bot.hears('where', async (ctx) => ctx.reply((await ctx.conversationInfo())?.name ?? '?'))
    bot.hears('wait', (ctx) => ctx.showLoading())
    bot.hears('go', (ctx) => ctx.leave())
    bot.on('image', async (ctx) => ctx.reply(String((await (await ctx.download()).bytes()).length)))
  })

  test('of LINE', async () => {
    const chat = testBot(asking, { conversation: { kind: 'group', id: 'G1' } })
    chat.answers('GET /v2/bot/group/{groupId}/member/{userId}', { userId: 'U1', displayName: 'Rin' })
    chat.answers('GET /v2/bot/group/{groupId}/members/ids', { memberIds: ['U1', 'U2'] })
    chat.answers('GET /v2/bot/group/{groupId}/summary', { groupId: 'G1', groupName: 'Team' })
    chat.answers('GET /v2/bot/group/{groupId}/members/count', { count: 3 })
    chat.answers('POST /v2/bot/group/{groupId}/leave', {})
    chat.answers('GET /(content elsewhere)', Buffer.from('12'))
    chat.answers('POST /v2/bot/chat/loading/start', {})
    for (const words of ['who', 'all', 'where', 'go']) await chat.says(words)
    await chat.receives({ type: 'image', contentUrl: 'https://example.com/a.png' })
    await chat.in({ kind: 'user', id: 'U1' }).says('wait')
    expect(chat.replies).toEqual(['Rin', 'U1,U2', 'Team', '2'])
    expect(chat.calls).toHaveLength(7)
  })

  test('of LINE WORKS', async () => {
    const chat = testBot(asking, { platform: 'lineworks', conversation: { kind: 'channel', id: 'c1' } })
    chat.answers('GET /bots/{botId}/channels/{channelId}/members', { members: ['u-1'] })
    chat.answers('GET /bots/{botId}/channels/{channelId}', { channelId: 'c1', title: 'Team' })
    chat.answers('DELETE /bots/{botId}/channels/{channelId}', {})
    for (const words of ['all', 'where', 'go']) await chat.says(words)
    expect(chat.replies).toEqual(['u-1', 'Team'])
    expect(chat.calls).toHaveLength(3)
  })
})
