import { testBot } from 'hookline/testing'
import { type BotBuilder, type SubBot, defineBot } from '.'

describe('middleware', () => {
  test('stands around the handler, in the order given, also where no listener fits', async () => {
    const steps: string[] = []
    const bot = defineBot((builder) => {
      builder.use(async (ctx, next) => {
        steps.push(`before ${ctx.type}`)
        await next()
        steps.push('after')
      })
      builder.use((_ctx, next) => {
        steps.push('inner')
        return next()
      })
      builder.on('text', () => void steps.push('handler'))
    })
    const chat = testBot(bot)
    await chat.says('x')
    await chat.receives({ type: 'leave' })
    expect(steps).toEqual(['before text', 'inner', 'handler', 'after', 'before leave', 'inner', 'after'])
  })

  test('keeps the handler from running when it does not call next', async () => {
    const bot = defineBot((builder) => {
      builder.use((ctx, next) => (ctx.userId === 'U1' ? next() : ctx.reply('not you')))
      builder.on('text', (ctx) => ctx.reply('welcome'))
    })
    const chat = testBot(bot, { user: 'U1' })
    await chat.says('x')
    await chat.as('U2').says('x')
    expect(chat.replies).toEqual(['welcome', 'not you'])
  })

  test('that does not wait for next loses neither replies nor errors', async () => {
    const bot = defineBot((builder) => {
      builder.use((_ctx, next) => void next())
      builder.hears('fail', async () => {
        await new Promise(setImmediate)
        throw new Error('seen')
      })
      builder.on('text', async (ctx) => {
        await new Promise(setImmediate)
        await ctx.reply('late')
      })
    })
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['late'])
    await expect(chat.says('fail')).rejects.toThrow('seen')
  })

  test('may take an error in, and may not call next twice', async () => {
    const bot = defineBot((builder) => {
      builder.use(async (ctx, next) => {
        try {
          await next()
        } catch {
          await ctx.reply('caught')
        }
      })
      builder.use(async (_ctx, next) => {
        await next()
        await next()
      })
      builder.on('text', () => undefined)
    })
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['caught'])
  })
})

describe('sub-bots', () => {
  const orders: SubBot = (bot) => {
    bot.use(async (ctx, next) => {
      await ctx.reply('orders:')
      await next()
    })
    bot.hears(/注文 (\d+)/, (ctx) => ctx.reply(ctx.match[1] ?? ''))
    bot.hears('fail', () => {
      throw new Error('no stock')
    })
    bot.catch(async (error, ctx) => {
      if (!(error as Error).message.includes('stock')) throw error
      await ctx.reply('sold out')
    })
  }
  const chatWith = (define: (bot: BotBuilder<undefined>) => void) => testBot(defineBot(define))

  test('handle what fits them, within their own middleware only', async () => {
    const chat = chatWith((bot) => {
      bot.include(orders)
      bot.on('text', (ctx) => ctx.reply(`main ${ctx.text}`))
    })
    await chat.says('注文 7')
    await chat.says('おはよう')
    expect(chat.replies).toEqual(['orders:', '7', 'main おはよう'])
  })

  test('catch their own errors; what they throw on goes to the bot around them', async () => {
    const chat = chatWith((bot) => {
      bot.include(orders)
      bot.include((sub) => {
        sub.hears('other', () => Promise.reject(new Error('network')))
        sub.catch((error) => Promise.reject(new Error('wrapped', { cause: error })))
      })
      bot.catch((error, ctx) => ctx.reply(`main caught ${(error as Error).message}`))
    })
    await chat.says('fail')
    await chat.says('other')
    expect(chat.replies).toEqual(['sold out', 'main caught wrapped'])
  })

  test('stand behind a filter, with an otherwise of their own', async () => {
    const chat = chatWith((bot) => {
      bot.include((sub) => sub.otherwise((ctx) => ctx.reply('group')), { in: 'group' })
      bot.on('text', (ctx) => ctx.reply('one-to-one'))
    })
    await chat.says('x')
    await chat.in({ kind: 'group', id: 'C1' }).says('x')
    expect(chat.replies).toEqual(['one-to-one', 'group'])
  })

  test('serve one platform where the filter says so, nested as well', async () => {
    const lineOnly: SubBot<unknown, 'line'> = (bot) => {
      bot.on('text', (ctx) =>
        ctx.reply({ type: 'native', platform: 'line', message: { type: 'text', text: ctx.platform } }),
      )
    }
    const bot = defineBot((builder) => {
      builder.include((sub) => sub.include(lineOnly, { platform: 'line' }))
      builder.otherwise((ctx) => ctx.reply('elsewhere'))
    })
    const [line, works] = [testBot(bot), testBot(bot, { platform: 'lineworks' })]
    await line.says('x')
    await works.says('x')
    expect([line.sent, works.replies]).toEqual([[{ type: 'text', text: 'line' }], ['elsewhere']])
  })
})

describe('a tap that LINE WORKS sends as a text', () => {
  const tap = { type: 'text', text: '承認', postback: 'do=ok' } as const

  test('goes to postback listeners first, wherever they stand', async () => {
    const bot = defineBot((builder) => {
      builder.on('text', (ctx) => ctx.reply(`text ${ctx.text}`))
      builder.include((sub) => {
        sub.otherwise((ctx) => ctx.reply(`sub ${ctx.type}`))
        sub.on('postback', (ctx) => ctx.reply(`data ${ctx.data}, shown as ${ctx.text ?? ''}`))
      })
    })
    const chat = testBot(bot, { platform: 'lineworks' })
    await chat.receives(tap)
    expect(chat.replies).toEqual(['data do=ok, shown as 承認'])
  })

  test('goes on as a text where none takes it', async () => {
    const bot = defineBot((builder) => {
      builder.on('postback', { data: 'do=no' }, (ctx) => ctx.reply('wrong'))
      builder.include((sub) => sub.otherwise((ctx) => ctx.reply(ctx.type)), { platform: 'line' })
      builder.on('text', (ctx) => ctx.reply(`text ${ctx.text}, ${ctx.postback ?? ''}`))
    })
    const chat = testBot(bot, { platform: 'lineworks' })
    await chat.receives(tap)
    expect(chat.replies).toEqual(['text 承認, do=ok'])
  })
})

describe('a bot file that is wrong', () => {
  test.each<[string, (bot: BotBuilder<undefined>) => void, string]>([
    [
      'a method',
      (bot) => (bot as unknown as { heers: () => void }).heers(),
      'There is no bot.heers. Did you mean hears?',
    ],
    [
      'a timer without a name',
      (bot) => bot.on('timer:', () => undefined),
      'There is no event type "timer:". Did you mean timer?',
    ],
    ['a middleware', (bot) => bot.use(undefined as never), 'bot.use needs a function, got undefined.'],
    ['a sub-bot', (bot) => bot.include({} as never), 'bot.include needs a function, got an object.'],
    ['otherwise', (bot) => bot.otherwise('x' as never), 'bot.otherwise needs a function, got "x".'],
    ['catch', (bot) => bot.catch(null as never), 'bot.catch needs a function, got null.'],
  ])('names %s', (_name, setup, message) => {
    expect(() => defineBot(setup)).toThrow(message)
  })

  test('names an option, a platform, and an async function', () => {
    expect(() => defineBot({ sesion: {} } as never, () => undefined)).toThrow(
      'There is no option of defineBot "sesion". Did you mean session?',
    )
    expect(() => defineBot({ platform: 'lin' as 'line' }, () => undefined)).toThrow('Did you mean line?')
    expect(() => defineBot(async () => undefined)).toThrow('The function of defineBot must not be async')
    expect(() => defineBot(undefined as never)).toThrow('defineBot needs a function, got undefined.')
  })
})

describe('bot.every', () => {
  const every = (cron: string, options: { timeZone: string; name?: string }) =>
    defineBot((bot) => bot.every(cron, options, () => undefined))

  test('is kept as a schedule, by its name or its cron expression', () => {
    const bot = defineBot((builder) => {
      builder.every('0 9 * * 1-5', { timeZone: 'Asia/Tokyo', name: 'morning' }, () => undefined)
      builder.include((sub) => sub.every('*/30 * * * * *', { timeZone: 'UTC' }, () => undefined))
    })
    expect(bot.schedules).toEqual([
      { name: 'morning', cron: '0 9 * * 1-5', timeZone: 'Asia/Tokyo' },
      { name: '*/30 * * * * *', cron: '*/30 * * * * *', timeZone: 'UTC' },
    ])
  })

  test.each([
    ['61 * * * *', { timeZone: 'UTC' }, /cron expression "61 \* \* \* \*" can't be read/],
    ['every day', { timeZone: 'UTC' }, /five or six fields .* got "every day"/],
    ['0 9 * * *', { timeZone: 'Asia/Tokio' }, /time zone \("Asia\/Tokyo"\), got "Asia\/Tokio"/],
    ['0 9 * * *', { timeZone: 'UTC', name: '' }, /name is a text, got ""/],
    ['0 9 * * *', { timezone: 'UTC' } as never, /no option of bot.every "timezone". Did you mean timeZone\?/],
  ])('refuses %j %j', (cron, options, message) => {
    expect(() => every(cron, options)).toThrow(message)
  })

  test('refuses two of one name', () => {
    expect(() =>
      defineBot((bot) => {
        bot.every('0 9 * * *', { timeZone: 'UTC' }, () => undefined)
        bot.every('0 9 * * *', { timeZone: 'UTC' }, () => undefined)
      }),
    ).toThrow('There are two schedules "0 9 * * *".')
  })
})
