import { defineBot } from '.'
import { largestState } from './json'
import { conversation } from './state.test.support'

const day = 86_400_000

const counter = (options: object = {}) =>
  defineBot({ session: { start: () => ({ n: 0 }), ...options } }, (bot) => {
    bot.hears('fail', (ctx) => {
      ctx.session.n += 100
      throw new Error('no')
    })
    bot.hears('end', (ctx) => ctx.endSession())
    bot.hears('assign', (ctx) => {
      ctx.session = { n: 50 }
    })
    bot.hears('look', (ctx) => ctx.reply(`${ctx.session.n}`))
    bot.on('text', (ctx) => ctx.reply(`${(ctx.session.n += 1)}`))
  })

describe('a session', () => {
  test('is what the last handler left', async () => {
    const chat = conversation(counter())
    for (const text of ['a', 'b', 'assign', 'c']) await chat.says(text)
    expect(chat.heard()).toEqual(['1', '2', '51'])
  })

  test('is untouched by a handler that failed', async () => {
    const chat = conversation(counter())
    await chat.says('a')
    await expect(chat.says('fail')).rejects.toThrow('no')
    await chat.says('b')
    expect(chat.heard()).toEqual(['1', '2'])
  })

  test('keeps what catch changes, not what the handler did before it threw', async () => {
    const chat = conversation(
      defineBot({ session: { start: () => ({ n: 0 }) } }, (bot) => {
        bot.on('text', (ctx) => {
          ctx.session.n += 100
          throw new Error('no')
        })
        bot.catch((_error, ctx) => ctx.reply(`${(ctx.session.n += 1)}`))
      }),
    )
    await chat.says('a')
    await chat.says('b')
    expect(chat.heard()).toEqual(['1', '2'])
  })

  test('starts anew where it was ended', async () => {
    const chat = conversation(counter())
    for (const text of ['a', 'end', 'look']) await chat.says(text)
    expect(chat.heard()).toEqual(['1', '0'])
    expect(chat.kept.memory).toBeUndefined()
  })

  test('is written only when it changed', async () => {
    const chat = conversation(counter())
    for (const text of ['look', 'a', 'look', 'look']) await chat.says(text)
    expect(chat.kept.writes).toBe(1)
  })

  test('expires after the last event of the conversation, whether that changed it or not', async () => {
    const chat = conversation(counter({ expires: '1d' }))
    await chat.says('a')
    for (let i = 0; i < 5; i++) {
      chat.pass(0.7 * day)
      await chat.says('look')
    }
    chat.pass(day + 1)
    await chat.says('look')
    expect(chat.heard()).toEqual(['1', '1', '1', '1', '1', '1', '0'])
  })

  test('of an older version is upgraded, or starts anew', async () => {
    const chat = conversation(counter())
    await chat.says('a')
    chat.heard()
    const upgrade = (old: unknown, version: number) => ({ n: (old as { n: number }).n * 10 + version })
    await conversationWith(chat, counter({ version: 2, upgrade })).says('look')
    await conversationWith(chat, counter({ version: 2 })).says('look')
    expect(chat.heard()).toEqual(['11', '0'])
  })

  test.each([
    ['a Date', { at: new Date() }, 'ctx.session.at is a Date, which is no JSON'],
    ['a Map within a list', { list: [new Map()] }, 'ctx.session.list.0 is a Map'],
    ['NaN', { n: NaN }, 'ctx.session.n is NaN'],
    ['a function', { f: () => 1 }, 'ctx.session.f is a function'],
    ['too much', { text: 'あ'.repeat(largestState / 3) }, `${largestState} are kept`],
  ])('with %s is refused', async (_name, session, words) => {
    const bot = defineBot({ session: { start: () => ({}) } }, (bot) => {
      bot.on('text', (ctx) => void Object.assign(ctx.session, session))
    })
    await expect(conversation(bot).says('x')).rejects.toMatchObject({
      code: 'state_invalid',
      message: expect.stringContaining(words),
    })
  })

  test('is the same for all listeners and middleware of one event', async () => {
    const chat = conversation(
      defineBot({ session: { start: () => 'start' } }, (bot) => {
        bot.use(async (ctx, next) => {
          ctx.session += '-use'
          await next()
          ctx.session += '-after'
        })
        bot.hears(/x/, (ctx) => {
          ctx.session += '-hears'
        })
        bot.on('text', (ctx) => ctx.reply(ctx.session))
      }),
    )
    await chat.says('x')
    await chat.says('look')
    expect(chat.heard()).toEqual(['start-use-hears-after-use'])
  })
})

/** The same conversation with another version of the bot. */
function conversationWith(chat: ReturnType<typeof conversation>, bot: Parameters<typeof conversation>[0]) {
  const other = conversation(bot)
  other.kept.memory = chat.kept.memory
  return {
    says: async (text: string) => {
      await other.says(text)
      chat.replies.push(...other.heard())
    },
  }
}

describe('ctx.after', () => {
  const bot = (delay: string | number, data?: unknown) =>
    defineBot((bot) => {
      bot.hears('stop', (ctx) => ctx.cancel('remind'))
      bot.hears('fail', (ctx) => {
        ctx.after('1h', 'remind')
        throw new Error('no')
      })
      bot.on('text', (ctx) => ctx.after(delay, 'remind', data))
    })

  test('sets one timer per name, with its data', async () => {
    const chat = conversation(bot('10m', { a: [1] }))
    await chat.says('x')
    await chat.says('y')
    expect([...chat.timers.values()]).toEqual([{ name: 'remind', delayMs: 600_000, data: { a: [1] } }])
    await chat.says('stop')
    expect(chat.timers.size).toBe(0)
  })

  test('of a handler that failed is not set', async () => {
    const chat = conversation(bot('10m'))
    await expect(chat.says('fail')).rejects.toThrow('no')
    expect(chat.timers.size).toBe(0)
  })

  test.each(['', '10', '10 minutes', '-1s', 0, -5, NaN, '31d', Infinity])('refuses %p', async (delay) => {
    await expect(conversation(bot(delay)).says('x')).rejects.toThrow(
      /The delay of the timer "remind" is .*30 days/,
    )
  })

  test('refuses data that is no JSON', async () => {
    await expect(conversation(bot('1s', new Date())).says('x')).rejects.toMatchObject({
      code: 'state_invalid',
    })
  })
})

test('a schedule says that it can not be replied to', async () => {
  const bot = defineBot((bot) => {
    bot.every('0 9 * * *', { timeZone: 'Asia/Tokyo', name: 'm' }, (ctx) => ctx.reply('good morning'))
  })
  const run = conversation(bot).happens('timer', {
    name: 'every:m',
    conversation: { kind: 'none', id: 'none' },
  })
  await expect(run).rejects.toThrow('A schedule has no conversation to reply to.')
})
