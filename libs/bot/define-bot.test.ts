import type { Event } from '#libs/contract'
import { type Runtime, defineBot, testBot } from '.'
import { abortOf } from './run-abort'

/** A runtime in which nothing happens. */
const nothing: Omit<Runtime, 'abort'> = {
  reply: () => undefined,
  refused: () => undefined,
  discard: () => undefined,
  push: async () => undefined,
  pushVia: async () => undefined,
  language: async () => undefined,
  attempt: 1,
  recall: async () => undefined,
  remember: async () => undefined,
  once: async (_key, effect) => effect(),
  setTimer: () => undefined,
  cancelTimer: () => undefined,
  call: () => Promise.reject(new Error('no calls here')),
}

describe('defineBot', () => {
  test('answers what it hears, then what it listens on, then otherwise', async () => {
    const bot = defineBot((bot) => {
      bot.hears('ping', (ctx) => ctx.reply('pong'))
      bot.hears(/^注文 (\d+)$/, (ctx) => ctx.reply(`#${ctx.match[1] ?? ''}`))
      bot.on('text', (ctx) => ctx.reply(`You said: ${ctx.text}`))
      bot.otherwise((ctx) => ctx.reply(`no idea: ${ctx.type}`))
    })
    const chat = testBot(bot)
    await chat.says(' ping ')
    await chat.says('注文 42')
    await chat.says('おはよう')
    await chat.receives({ type: 'sticker', packageId: '1', stickerId: '2' })
    expect(chat.replies).toEqual(['pong', '#42', 'You said: おはよう', 'no idea: sticker'])
  })

  test('uses the first listener that fits, only', async () => {
    const bot = defineBot((bot) => {
      bot.on(['join', 'follow'], (ctx) => ctx.reply(`first ${ctx.type}`))
      bot.on('follow', (ctx) => ctx.reply('second'))
    })
    const chat = testBot(bot)
    await chat.receives({ type: 'follow' })
    await chat.receives({ type: 'leave' })
    expect(chat.replies).toEqual(['first follow'])
  })

  test('matches a global pattern anew each time', async () => {
    const chat = testBot(defineBot((bot) => bot.hears(/a/g, (ctx) => ctx.reply('yes'))))
    await chat.says('a')
    await chat.says('a')
    expect(chat.replies).toEqual(['yes', 'yes'])
  })

  test('gives the handler the event’s own fields, the raw object and the platform', async () => {
    let seen: Record<string, unknown> = {}
    const bot = defineBot((bot) =>
      bot.on('postback', (ctx) => {
        seen = {
          data: ctx.data,
          raw: ctx.raw,
          platform: ctx.platform,
          same: ctx.event.type,
          attempt: ctx.attempt,
        }
      }),
    )
    await testBot(bot, { platform: 'lineworks' }).receives({ type: 'postback', data: 'x=1', raw: { a: 1 } })
    expect(seen).toEqual({ data: 'x=1', raw: { a: 1 }, platform: 'lineworks', same: 'postback', attempt: 1 })
  })

  test('throws what the handler throws', async () => {
    const chat = testBot(defineBot((bot) => bot.on('text', () => Promise.reject(new Error('no database')))))
    await expect(chat.says('x')).rejects.toThrow('no database')
  })

  test('lets catch answer instead, without the replies from before the error', async () => {
    const bot = defineBot((bot) => {
      bot.on('text', async (ctx) => {
        await ctx.reply('half')
        throw new Error('boom')
      })
      bot.catch((error, ctx) => ctx.reply(`sorry: ${(error as Error).message}`))
    })
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['sorry: boom'])
  })

  test('treats a handler that hangs as one that threw when its time is over', async () => {
    const bot = defineBot((bot) => bot.on('text', () => new Promise(() => undefined)))
    const limit = new AbortController()
    const event = {
      type: 'text',
      text: 'x',
      platform: 'line',
      conversation: { kind: 'user', id: 'U1' },
    } as Event
    const run = bot.handle(event, { ...nothing, abort: abortOf(limit.signal) })
    limit.abort(new Error('time is over'))
    await expect(run).rejects.toThrow('time is over')
  })

  test('lets catch reply when the time is over', async () => {
    const bot = defineBot((bot) => {
      bot.on('text', () => new Promise(() => undefined))
      bot.catch(async (error, ctx) => {
        await ctx.reply(`sorry: ${(error as Error).message}`)
      })
    })
    const said: unknown[] = []
    const limit = new AbortController()
    const event = {
      type: 'text',
      text: 'x',
      platform: 'line',
      conversation: { kind: 'user', id: 'U1' },
    } as Event
    const run = bot.handle(event, {
      ...nothing,
      reply: (messages) => said.push(...messages),
      abort: abortOf(limit.signal),
    })
    limit.abort(new Error('time is over'))
    await run
    expect(said).toEqual([{ type: 'text', text: 'sorry: time is over' }])
  })

  test('notes pushes apart from replies, with where they go', async () => {
    const bot = defineBot((bot) =>
      bot.on('text', async (ctx) => {
        await ctx.push('working on it')
        await ctx.push(['a', 'b'], { to: { kind: 'group', id: 'C1' } })
        await ctx.reply('done')
      }),
    )
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['done'])
    expect(chat.pushes).toEqual([
      { message: 'working on it', to: undefined },
      { message: 'a', to: { kind: 'group', id: 'C1' } },
      { message: 'b', to: { kind: 'group', id: 'C1' } },
    ])
  })

  test('waits for a thenable that is no native promise', async () => {
    const bot = defineBot((bot) =>
      bot.on('text', (ctx) => ({
        then: (done: () => void) => void setImmediate(() => void ctx.reply('late').then(done)),
      })),
    )
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['late'])
  })

  test('refuses an event type that does not exist, with those that do', () => {
    expect(() => defineBot((bot) => bot.on('txet' as never, () => undefined))).toThrow(
      'There is no event type "txet". Did you mean text?',
    )
  })

  test('refuses a listener that is no function', () => {
    expect(() => defineBot((bot) => bot.on('text', 'pong' as never))).toThrow(
      'bot.on needs a function, got "pong".',
    )
  })
})

test('a wrong time to live of sessions is refused when the file is loaded', () => {
  const session = { start: () => ({ n: 0 }), expires: '7 days' }
  expect(() => defineBot({ session }, () => undefined)).toThrow(/session\.expires is "7 days"/)
})

test('a second otherwise is refused: one of them would never run', () => {
  const twice = () =>
    defineBot((bot) => {
      bot.otherwise(() => undefined)
      bot.otherwise(() => undefined)
    })
  expect(twice).toThrow('bot.otherwise stands here twice')
})
