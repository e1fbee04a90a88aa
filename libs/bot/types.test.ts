import type { Context, Event, PostbackParams } from 'hookline'
import { type BotBuilder, type SubBot, defineBot } from 'hookline'
import { testBot } from 'hookline/testing'

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Takes `true` only where the value is of exactly this type. */
const same =
  <B>() =>
  <A>(_value: A, equal: Equal<A, B>) =>
    equal

const flex = { type: 'native', platform: 'line', message: { type: 'flex' } } as const

const lineSub: SubBot<{ items: string[] }, 'line'> = (bot) => {
  bot.on('text', (ctx) => ctx.reply(flex, ctx.session.items.join()))
}

/** Written for all platforms, so also good for one. */
const itemSub: SubBot<{ items: string[] }> = (bot) => {
  bot.dialogue('order', async (talk) => talk.ctx.session.items.push(await talk.ask('What?')))
}

// The compiler is the test: what must not compile is marked, and what is marked must not compile.
const rightBot = defineBot({ session: { start: () => ({ items: [] as string[] }) } }, (bot) => {
  bot.on('image', (ctx) => {
    same<'image'>()(ctx.type, true)
    same<string | undefined>()(ctx.contentId, true)
    ctx.session.items.push(ctx.contentId ?? '')
  })
  bot.on(['join', 'text'], (ctx) => (ctx.type === 'text' ? ctx.text : ctx.conversation.id))
  bot.on('timer:remind', (ctx) => same<'timer'>()(ctx.type, true))
  bot.on('text', { platform: 'line', in: 'group', mentioned: true }, (ctx) => {
    same<'line'>()(ctx.platform, true)
    return ctx.reply(flex)
  })
  bot.on('text', { platform: ['line', 'tocaro'], when: (ctx) => ctx.text !== '' }, (ctx) =>
    same<'line' | 'tocaro'>()(ctx.platform, true),
  )
  bot.on('text', (ctx) => (ctx.platform === 'line' ? ctx.reply(flex) : ctx.reply('x')))
  bot.on('postback', { data: /a(b)/ }, (ctx) => {
    same<RegExpMatchArray>()(ctx.match, true)
    same<PostbackParams | undefined>()(ctx.params, true)
  })
  bot.hears(/注文 (\d+)/, (ctx) => same<RegExpMatchArray>()(ctx.match, true))
  bot.command('help', { platform: 'tocaro' }, (ctx) => {
    same<string[]>()(ctx.args, true)
    same<'tocaro'>()(ctx.platform, true)
  })
  bot.use(async (ctx, next) => {
    ctx.session.items.push('x')
    await next()
  })
  bot.include(sub)
  bot.include(lineSub, { platform: 'line' })
  bot.include(itemSub, { platform: 'line' })
  bot.otherwise(helper)
})

function sub(bot: BotBuilder) {
  bot.on('text', (ctx) => same<unknown>()(ctx.session, true))
}

/** What authors write for themselves takes the context of any bot. */
function helper(ctx: Context) {
  return ctx.reply(ctx.type)
}

const lineBot = defineBot(
  { platform: 'line', session: { start: () => ({ items: [] as string[] }) } },
  (bot) => {
    bot.include(itemSub)
    bot.on('text', (ctx) => ctx.reply(flex))
  },
)

const wrongBots = (): unknown[] => [
  defineBot((bot) => {
    // @ts-expect-error a join has no text
    bot.on('join', (ctx) => ctx.text)
  }),
  defineBot((bot) => {
    // @ts-expect-error the platform is not known
    bot.on('text', (ctx) => ctx.line)
  }),
  defineBot((bot) => {
    // @ts-expect-error a message of LINE, and the platform is not known
    bot.on('text', (ctx) => ctx.reply(flex))
  }),
  defineBot((bot) => {
    // @ts-expect-error a message of another platform
    bot.on('text', { platform: 'lineworks' }, (ctx) => ctx.reply(flex))
  }),
  defineBot({ platform: 'tocaro' }, (bot) => {
    // @ts-expect-error a message of another platform
    bot.on('text', (ctx) => ctx.reply(flex))
  }),
  defineBot({ platform: 'line' }, (bot) => {
    // @ts-expect-error never true
    bot.on('text', { platform: 'tocaro' }, (ctx) => ctx.text)
  }),
  defineBot((bot) => {
    // @ts-expect-error no such event
    bot.on('txt', () => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error no such filter
    bot.on('text', { plattform: 'line' }, () => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error no such place
    bot.on('text', { in: 'room' }, () => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error nobody is mentioned in a join
    bot.on('join', { mentioned: true }, () => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error a text has no data
    bot.on('text', { data: 'x' }, () => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error without a pattern there is no match
    bot.on('postback', (ctx) => ctx.match.length)
  }),
  defineBot((bot) => {
    // @ts-expect-error there is no session
    bot.on('text', (ctx) => ctx.session.items)
  }),
  defineBot((bot) => {
    // @ts-expect-error the sub-bot is for LINE only
    bot.include((_sub: BotBuilder<undefined, 'line'>) => undefined)
  }),
  defineBot((bot) => {
    // @ts-expect-error the sub-bot needs a session
    bot.include(lineSub, { platform: 'line' })
  }),
  defineBot((bot) => {
    // @ts-expect-error a schedule needs its time zone
    bot.every('0 9 * * *', { name: 'x' }, () => undefined)
  }),
  // @ts-expect-error no such option
  defineBot({ plattform: 'line' }, () => undefined),
]

test('types are checked by the compiler; at run time most of the wrong bots are refused too', async () => {
  expect(wrongBots).toThrow('There is no event type "txt"')
  const chat = testBot(rightBot)
  await chat.receives({ type: 'image', contentId: 'c1' })
  same<{ items: string[] }>()(chat.session, true)
  expect(chat.session.items).toEqual(['x', 'c1'])
  expect(lineBot.platform).toBe('line')
  const open: Event['type'] = 'beacon'
  expect(open).toBe('beacon')
})
