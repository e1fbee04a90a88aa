import 'hookline/testing/jest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlatformName } from 'hookline'
import { ApiError, defineBot } from 'hookline'
import { testBot } from 'hookline/testing'

const echo = defineBot((bot) => bot.on('text', (ctx) => ctx.reply(`${ctx.userId ?? ''}: ${ctx.text}`)))

describe('who speaks, and where', () => {
  test('may change within one test; each sees its own conversation, the first all', async () => {
    const chat = testBot(echo, { user: 'U1' })
    const room = chat.in({ kind: 'group', id: 'C1' })
    await chat.says('a')
    await chat.as('U2').says('b')
    await room.says('c')
    await room.as('U2').says('d')
    await chat.says('e', { as: 'U3', in: { kind: 'group', id: 'C1' } })
    expect(chat.replies).toEqual(['U1: a', 'U2: b', 'U1: c', 'U2: d', 'U3: e'])
    expect(chat.as('U2').replies).toEqual(['U2: b'])
    expect(room.replies).toEqual(['U1: c', 'U2: d', 'U3: e'])
    expect(room.as('U2').replies).toBe(room.as('U2').replies)
  })

  test('a push counts where it goes', async () => {
    const bot = defineBot((b) => b.on('text', (ctx) => ctx.push('call', { to: { kind: 'group', id: 'C1' } })))
    const chat = testBot(bot)
    await chat.says('help')
    expect(chat.pushes).toEqual([{ message: 'call', to: { kind: 'group', id: 'C1' } }])
    expect(chat.in({ kind: 'group', id: 'C1' })).toHavePushed('call')
    expect(chat.as('U2')).toBeSilent()
  })

  test('comes and goes', async () => {
    const types: string[] = []
    const chat = testBot(defineBot((bot) => bot.otherwise((ctx) => void types.push(ctx.type))))
    await chat.joins()
    await chat.follows()
    await chat.unfollows()
    await chat.leaves()
    await chat.sends('image')
    await chat.sends('location', { title: '東京駅' })
    expect(types).toEqual(['join', 'follow', 'unfollow', 'leave', 'image', 'location'])
  })
})

describe('what goes out', () => {
  test.each<[PlatformName, object]>([
    ['line', { type: 'text', text: 'test-user: x' }],
    ['lineworks', { type: 'text', text: 'test-user: x' }],
    ['tocaro', { text: 'test-user: x' }],
  ])('is, for %s, what the platform gets', async (platform, message) => {
    const chat = testBot(echo, { platform })
    await chat.says('x')
    expect(chat.sent).toEqual([message])
  })

  test('keeps the limits of production', async () => {
    const bot = defineBot((b) => b.on('text', (ctx) => ctx.push('x', { to: { kind: 'channel', id: 'c' } })))
    await expect(testBot(bot).says('x')).rejects.toMatchObject({ code: 'message_invalid' })
    await expect(testBot(defineBot((b) => b.on('text', (ctx) => ctx.reply('')))).says('x')).rejects.toThrow(
      'empty',
    )
  })

  test('is nothing where the handler throws', async () => {
    const bot = defineBot((b) =>
      b.on('text', async (ctx) => {
        await ctx.reply('half')
        throw new Error('boom')
      }),
    )
    const chat = testBot(bot)
    await expect(chat.says('x')).rejects.toThrow('boom')
    expect(chat).toBeSilent()
  })
})

describe('a tap', () => {
  const native = defineBot((bot) => {
    bot.on('text', { platform: 'line' }, (ctx) => {
      const action = { type: 'postback', label: '承認', data: 'do=ok' }
      const uri = { type: 'uri', label: '見る', uri: 'https://example.com' }
      return ctx.reply({
        ...{ type: 'native', platform: 'line' },
        message: {
          type: 'template',
          altText: 'x',
          template: { type: 'buttons', text: 'x', actions: [action, uri] },
        },
      })
    })
    bot.hears('承認', (ctx) => ctx.reply(`said ${ctx.postback ?? ''}`))
    bot.on('text', { platform: 'lineworks' }, (ctx) =>
      ctx.reply({
        ...{ type: 'native', platform: 'lineworks' },
        message: {
          type: 'button_template',
          contentText: 'x',
          actions: [{ type: 'message', label: '承認', postback: 'do=ok' }],
        },
      }),
    )
    bot.on('postback', { platform: 'line' }, (ctx) => ctx.reply(`data ${ctx.data}`))
  })

  test('comes as the platform delivers it: with data on LINE, as a text with data on LINE WORKS', async () => {
    const [line, works] = [testBot(native), testBot(native, { platform: 'lineworks' })]
    for (const chat of [line, works]) {
      await chat.says('申請')
      expect(chat).toHaveOffered('承認')
      await chat.taps('承認')
    }
    expect(line).toHaveReplied('data do=ok')
    expect(works).toHaveReplied('said do=ok')
  })

  test('needs something to tap', async () => {
    const chat = testBot(native)
    await expect(chat.taps('承認')).rejects.toThrow('No message offers "承認" to tap. Nothing is offered.')
    await chat.says('申請')
    await expect(chat.taps('拒否')).rejects.toThrow('There are: 承認.')
    await expect(chat.taps('見る')).rejects.toThrow('"見る" is a choice of the type "uri"')
    await expect(chat.as('U2').taps('承認')).rejects.toThrow('Nothing is offered.')
  })
})

describe('time', () => {
  const bot = defineBot((b) => {
    b.hears('start', (ctx) => {
      ctx.after('10m', 'second', { n: 2 })
      ctx.after('5m', 'first')
      ctx.after('1h', 'never')
      ctx.cancel('never')
    })
    b.on('timer:first', (ctx) => ctx.reply(`first at ${new Date(ctx.occurredAt).toISOString()}`))
    b.on('timer:second', (ctx) => ctx.reply(JSON.stringify(ctx.data)))
    const to = { kind: 'group', id: 'C1' } as const
    b.every('0 9 * * *', { timeZone: 'Asia/Tokyo', name: 'morning' }, (ctx) => ctx.push('おはよう', { to }))
    b.every('0 9 * * *', { timeZone: 'Asia/Tokyo', name: 'too' }, (ctx) => ctx.push('ございます', { to }))
  })
  const now = '2026-11-22T23:54:00.000Z'

  test('passes: timers and schedules run when they are due, in order', async () => {
    const chat = testBot(bot, { now })
    await chat.says('start')
    expect(chat.timers.map(({ name, dueAt }) => [name, dueAt - chat.now])).toEqual([
      ['first', 300_000],
      ['second', 600_000],
    ])
    await chat.passes('5m')
    expect(chat.replies).toEqual(['first at 2026-11-22T23:59:00.000Z'])
    expect(chat).not.toHavePushed('おはよう')
    await chat.passes('1h')
    expect(chat.pushes.map(({ message }) => message)).toEqual(['おはよう', 'ございます'])
    expect(chat.replies[1]).toBe('{"n":2}')
    expect(chat.timers).toEqual([])
    await chat.passes('2d')
    expect(chat.pushes).toHaveLength(6)
    expect(new Date(chat.now).toISOString()).toBe('2026-11-25T00:59:00.000Z')
  })

  test('sets no timer for a handler that throws', async () => {
    const chat = testBot(
      defineBot((b) =>
        b.on('text', (ctx) => {
          ctx.after('1m', 'x')
          throw new Error('boom')
        }),
      ),
    )
    await expect(chat.says('x')).rejects.toThrow('boom')
    expect(chat.timers).toEqual([])
  })
})

describe('the session', () => {
  const counter = defineBot({ session: { start: () => ({ n: 0 }) } }, (bot) => {
    bot.hears('fail', (ctx) => {
      ctx.session.n += 100
      throw new Error('boom')
    })
    bot.on('text', (ctx) => (ctx.session.n += 1))
  })

  test('is the conversation’s own, and what a failed handler did to it is forgotten', async () => {
    const chat = testBot(counter)
    expect(chat.session).toEqual({ n: 0 })
    await chat.says('a')
    await chat.says('b')
    await expect(chat.says('fail')).rejects.toThrow('boom')
    await chat.as('U2').says('c')
    expect(chat.session).toEqual({ n: 2 })
    expect(chat.as('U2').session.n).toBe(1)
  })
})

describe('an event that runs again', () => {
  test('finds what the first run found; effects and pushes are not repeated, replies are', async () => {
    let effects = 0
    const bot = defineBot({ session: { start: () => ({ n: 0 }) } }, (b) =>
      b.on('text', async (ctx) => {
        ctx.session.n += 1
        await ctx.push('working')
        const id = await ctx.once('order', () => ++effects)
        await ctx.reply(`order ${id}, ${ctx.session.n}`)
      }),
    )
    const chat = testBot(bot)
    await chat.says('x')
    await chat.repeats()
    await chat.repeats()
    expect([effects, chat.session.n, chat.pushes.length]).toEqual([1, 1, 1])
    expect(chat.replies).toEqual(['order 1, 1'])
  })

  test('shows what a handler fails to do once only', async () => {
    let effects = 0
    const chat = testBot(defineBot((b) => b.on('text', () => effects++)))
    await chat.says('x')
    await chat.repeats()
    expect(effects).toBe(2)
  })

  test('is a further try after an error', async () => {
    const bot = defineBot((b) =>
      b.on('text', (ctx) => {
        if (ctx.attempt === 1) throw new Error('first')
        return ctx.reply(`try ${ctx.attempt}`)
      }),
    )
    const chat = testBot(bot)
    await expect(chat.repeats()).rejects.toThrow('no event to repeat')
    await expect(chat.says('x')).rejects.toThrow('first')
    await chat.repeats()
    expect(chat.replies).toEqual(['try 2'])
  })
})

describe('calls of the platform', () => {
  const request = { method: 'GET', path: '/v2/bot/profile/{userId}', params: { userId: 'U1' } } as const
  const bot = defineBot((b) =>
    b.on('text', async (ctx) => {
      const { body } = await ctx.api<{ displayName: string }>(request)
      await ctx.reply(body.displayName)
    }),
  )

  test.each([
    ['GET /v2/bot/profile/{userId}', { displayName: 'Rin' }],
    ['GET /v2/bot/profile/U1', { displayName: 'Rin' }],
    ['GET /v2/bot/profile/{userId}', (call: { params?: object }) => ({ displayName: call.params && 'Rin' })],
  ])('are answered for %s', async (route, answer) => {
    const chat = testBot(bot)
    chat.answers(route, answer)
    await chat.says('x')
    expect(chat.replies).toEqual(['Rin'])
    expect(chat.calls).toEqual([request])
  })

  test('fail as told, and say so where nobody told how', async () => {
    const chat = testBot(bot)
    await expect(chat.says('x')).rejects.toThrow("chat.answers('GET /v2/bot/profile/{userId}', { … })")
    chat.answers('GET /v2/bot/profile/{userId}', new Error('404'))
    await expect(chat.says('x')).rejects.toThrow('404')
  })
})

describe('a recorded webhook', () => {
  const seen: string[] = []
  const bot = defineBot((b) => b.otherwise((ctx) => void seen.push(`${ctx.platform} ${ctx.type}`)))

  test.each(['line', 'lineworks', 'tocaro'] as const)(
    'of %s goes through its own parser',
    async (platform) => {
      const file = join(__dirname, `../platforms/${platform}/fixtures/events.json`)
      const fixtures = JSON.parse(readFileSync(file, 'utf8')) as {
        body: object
        events: { type: string }[]
      }[]
      const chat = testBot(bot, { platform })
      for (const { body, events } of fixtures) {
        seen.length = 0
        await chat.receivesWebhook(body)
        expect(seen).toEqual(events.map(({ type }) => `${platform} ${type}`))
      }
    },
  )

  test('answers where it came from, and knows the bot by its name', async () => {
    const chat = testBot(
      defineBot((b) => b.on('text', { mentioned: true }, (ctx) => ctx.reply('はい'))),
      { platform: 'lineworks', botName: '受付' },
    )
    const source = { userId: 'u-1', channelId: 'c-1', domainId: 1 }
    const content = { type: 'text', text: '@受付 こんにちは' }
    const body = { type: 'message', source, issuedTime: '2026-03-02T01:15:42.318Z', content }
    await chat.receivesWebhook(JSON.stringify(body))
    expect(chat.in({ kind: 'channel', id: 'c-1' }).replies).toEqual(['はい'])
  })

  test('that no bot would see is an error', async () => {
    const chat = testBot(bot, { platform: 'tocaro' })
    await expect(chat.receivesWebhook({ type: 'url_verification', challenge: 'c' })).rejects.toThrow(
      'handshake',
    )
    await expect(chat.receivesWebhook('no JSON')).rejects.toThrow('no JSON')
  })
})

test('a bot of one platform is tested on it, and on no other', async () => {
  const bot = defineBot({ platform: 'tocaro' }, (b) => b.on('text', (ctx) => ctx.reply(ctx.platform)))
  const chat = testBot(bot)
  await chat.says('x')
  expect(chat.replies).toEqual(['tocaro'])
  expect(() => testBot(bot, { platform: 'line' })).toThrow('This bot serves tocaro only')
  expect(() => testBot(bot, { plattform: 'line' } as never)).toThrow('Did you mean platform?')
})

describe('the matchers', () => {
  const bot = defineBot((b) =>
    b.on('text', async (ctx) => {
      await ctx.reply('注文 42', { type: 'text', text: 'どうぞ', quickReplies: ['はい'] })
      await ctx.push('working')
    }),
  )
  const after = async () => {
    const chat = testBot(bot, { platform: 'tocaro' })
    await chat.says('x')
    return chat
  }

  test('take a text, a pattern, a message', async () => {
    const chat = await after()
    expect(chat).toHaveReplied('注文 42')
    expect(chat).toHaveReplied(/^注文 \d+$/g)
    expect(chat).toHaveReplied('どうぞ')
    expect(chat).toHaveReplied({ type: 'text', quickReplies: ['はい'] })
    expect(chat).toHaveReplied({ text: expect.stringContaining('42') })
    expect(chat).not.toHaveReplied({ quickReplies: [] })
    expect(chat).not.toHaveReplied('注文')
    expect(chat).not.toHaveReplied('working')
    expect(chat).toHavePushed('working')
    expect(chat).not.toHavePushed('注文 42')
    expect(chat).not.toHaveOffered('いいえ')
    expect(chat).not.toBeSilent()
  })

  test('say what there was instead', async () => {
    const chat = await after()
    expect(() => expect(chat).toHaveReplied('いいえ')).toThrow(
      'The bot replied "注文 42", {"type":"text","text":"どうぞ","quickReplies":["はい"]}; the message in question is "いいえ".',
    )
    expect(() => expect(chat).toBeSilent()).toThrow('The bot said "注文 42"')
    expect(() => expect(testBot(bot)).toHaveOffered('はい')).toThrow('The bot offered nothing')
  })
})

describe('what a test must not miss', () => {
  test('a call without an answer fails the test, whatever the bot catches', async () => {
    const bot = defineBot((bot) => {
      bot.on('text', async (ctx) => {
        await ctx.profile().catch(() => undefined)
        await ctx.reply('went on')
      })
      bot.catch((_error, ctx) => ctx.reply('sorry'))
    })
    await expect(testBot(bot).says('x')).rejects.toThrow(/no answer for GET .*profile/)
  })

  test('courtesies need no answer', async () => {
    const bot = defineBot({ platform: 'line' }, (bot) =>
      bot.on('text', async (ctx) => {
        await ctx.showLoading()
        await ctx.reply('done')
      }),
    )
    const chat = testBot(bot)
    await chat.says('x')
    expect(chat.replies).toEqual(['done'])
  })

  test('a content that is larger than the handler wants', async () => {
    const bot = defineBot((bot) => {
      bot.on('image', async (ctx) => {
        const content = await ctx.download({ maxBytes: 10 })
        await ctx.reply(`${(await content.bytes()).length} bytes`)
      })
      bot.catch((error, ctx) => ctx.reply(error instanceof ApiError ? error.message : 'other'))
    })
    const chat = testBot(bot)
    chat.answers('GET /v2/bot/message/{messageId}/content', Buffer.alloc(11))
    await chat.sends('image')
    expect(chat.replies).toEqual([expect.stringContaining('more than 10 bytes')])
  })

  test('a link is offered on no platform', async () => {
    const choices = [
      { type: 'postback', label: 'P', data: 'p' },
      { type: 'link', label: 'L', url: 'https://example.com' },
    ] as const
    const bot = defineBot((bot) =>
      bot.on('text', (ctx) => ctx.reply({ type: 'buttons', text: 'x', actions: choices })),
    )
    for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
      const chat = testBot(bot, { platform })
      await chat.says('x')
      expect(chat.offered).toEqual(['P'])
      await expect(chat.taps('L')).rejects.toThrow('Use chat.receives')
    }
  })
})
