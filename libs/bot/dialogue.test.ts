import { type Bot, action, buttons, defineBot, testBot } from '.'
import { conversation } from './state.test.support'

/** An order of one thing. `saved` and `runs` are the world outside. */
function shop(more: object = {}) {
  const saved: string[] = []
  let runs = 0
  const bot = defineBot((bot) => {
    bot.hears('order', (ctx) => ctx.start('order', { table: 5 }))
    bot.dialogue<{ table: number }>('order', { cancel: /^(やめる|cancel)$/, ...more }, async (talk) => {
      runs += 1
      await talk.say('いらっしゃいませ')
      const what = await talk.ask('What?', { quickReplies: ['tea', 'coffee'] })
      const count = await talk.ask('How many?', {
        accept: (event) => (event.type === 'text' && Number(event.text)) || undefined,
        otherwise: 'A number, please.',
      })
      const id = await talk.once('save', () => saved.push(`${count} ${what} to ${talk.data.table}`))
      await talk.say(`Order ${id}: ${count + 0} ${what}`)
      const sure = await talk.ask('Sure?')
      await talk.say(sure === 'yes' ? 'Thanks' : 'Oh')
    })
    bot.otherwise((ctx) => ctx.reply(`? ${ctx.type}`))
  })
  return { bot, saved, runs: () => runs }
}

const question = { type: 'text', text: 'What?', quickReplies: ['tea', 'coffee'] }

describe('a dialogue', () => {
  test('asks one question after the other and says everything once', async () => {
    const { bot, saved } = shop()
    const chat = conversation(bot)
    await chat.says('order')
    expect(chat.heard()).toEqual(['いらっしゃいませ', question])
    await chat.says(' tea ')
    expect(chat.heard()).toEqual(['How many?'])
    await chat.says('many')
    expect(chat.heard()).toEqual(['A number, please.'])
    await chat.says('2')
    expect(chat.heard()).toEqual(['Order 1: 2 tea', 'Sure?'])
    await chat.says('yes')
    expect(chat.heard()).toEqual(['Thanks'])
    expect(saved).toEqual(['2 tea to 5'])
    await chat.says('yes')
    expect(chat.heard()).toEqual(['? text'])
    expect(chat.kept.memory).toBeUndefined()
  })

  test('is where it was when the handler failed', async () => {
    let fails = true
    const bot = defineBot((bot) => {
      bot.hears('go', (ctx) => ctx.start('d'))
      bot.dialogue('d', async (talk) => {
        const name = await talk.ask('Name?')
        await talk.say(`Hello ${name}`)
        if (fails) throw new Error('database away')
        await talk.say('done')
      })
    })
    const chat = conversation(bot)
    await chat.says('go')
    const answer = chat.event('text', { text: 'Ann' })
    await expect(chat.run(answer)).rejects.toThrow('database away')
    fails = false
    await chat.run(answer)
    expect(chat.heard()).toEqual(['Name?', 'Hello Ann', 'done'])
  })

  test('takes the data of a tapped button as an answer', async () => {
    const chat = conversation(shop().bot, 'lineworks')
    await chat.says('order')
    await chat.says('Tea, please', { postback: 'tea' })
    await chat.says('1')
    expect(chat.heard()).toContain('Order 1: 1 tea')
  })

  test('leaves to the listeners what is no message, or from somebody else', async () => {
    const chat = conversation(shop().bot)
    await chat.says('order')
    chat.heard()
    await chat.happens('memberJoined', { members: ['U2'] })
    await chat.says('tea', { userId: 'U2' })
    expect(chat.heard()).toEqual(['? memberJoined', '? text'])
    await chat.says('tea')
    expect(chat.heard()).toEqual(['How many?'])
  })

  test('asks again where a message is no answer', async () => {
    const chat = conversation(shop().bot)
    await chat.says('order')
    chat.heard()
    await chat.happens('sticker', { packageId: '1', stickerId: '2' })
    expect(chat.heard()).toEqual([question])
  })

  test('ends at the word that cancels it', async () => {
    const chat = conversation(shop({ cancelled: 'Bye' }).bot)
    await chat.says('order')
    await chat.says('やめる')
    await chat.says('tea')
    expect(chat.heard().slice(2)).toEqual(['Bye', '? text'])
  })

  test('starts anew where its questions have changed since', async () => {
    const chat = conversation(shop().bot)
    await chat.says('order')
    await chat.says('tea')
    const { bot, saved } = shop({ version: 2 })
    const later = conversation(bot)
    later.kept.memory = chat.kept.memory
    await later.says('2')
    expect(later.heard()).toEqual(['いらっしゃいませ', question])
    for (const text of ['coffee', '3']) await later.says(text)
    expect(saved).toEqual(['3 coffee to 5'])
  })

  test('is forgotten a day after its last answer', async () => {
    const chat = conversation(shop().bot)
    await chat.says('order')
    chat.pass(86_400_001)
    await chat.says('tea')
    expect(chat.heard().at(-1)).toBe('? text')
  })

  test('is forgotten with its answers when the user takes one back', async () => {
    const chat = conversation(shop().bot)
    await chat.says('order')
    await chat.says('tea', { messageId: 'm7' })
    await chat.happens('unsend', { messageId: 'm7' })
    expect(chat.heard().at(-1)).toBe('? unsend')
    expect(chat.kept.memory).toBeUndefined()
  })

  test('gives way to one that is started within it', async () => {
    const chat = conversation(
      defineBot((bot) => {
        bot.hears('go', (ctx) => ctx.start('a'))
        bot.dialogue('a', async (talk) => {
          await talk.ctx.start('b', await talk.ask('A?'))
        })
        bot.dialogue<string>('b', async (talk) => {
          await talk.say(`${talk.data} ${await talk.ask('B?')}`)
        })
      }),
    )
    for (const text of ['go', 'x', 'y']) await chat.says(text)
    expect(chat.heard()).toEqual(['A?', 'B?', 'x y'])
  })

  test('shares the session with the listeners', async () => {
    const chat = conversation(
      defineBot({ session: { start: () => ({ names: [] as string[] }) } }, (bot) => {
        bot.hears('go', (ctx) => ctx.start('name'))
        bot.dialogue('name', async (talk) => {
          const name = await talk.ask('Name?')
          await talk.once('keep', () => talk.ctx.session.names.push(name))
          await talk.ask('Sure?')
        })
        bot.on('text', (ctx) => ctx.reply(ctx.session.names.join()))
      }),
    )
    for (const text of ['go', 'Ann', 'yes', 'look']) await chat.says(text)
    expect(chat.heard()).toEqual(['Name?', 'Sure?', 'Ann'])
  })

  test('refuses what does not exist', async () => {
    expect(() => defineBot((bot) => bot.dialogue('x', undefined as never))).toThrow(
      'bot.dialogue needs a function',
    )
    expect(() => defineBot((bot) => bot.dialogue('x', { cancle: /x/ } as never, () => undefined))).toThrow(
      'cancel',
    )
    const bot = defineBot((bot) => {
      bot.dialogue('order', () => undefined)
      bot.on('text', (ctx) => ctx.start('oder'))
    })
    await expect(conversation(bot).says('x')).rejects.toThrow(/no dialogue "oder".*order/)
  })
})

describe('the timeout of a question', () => {
  function patient(): Bot {
    return defineBot((bot) => {
      bot.hears('go', (ctx) => ctx.start('d'))
      bot.dialogue('d', async (talk) => {
        const name: string | undefined = await talk.ask('Name?', { timeout: '10m' })
        await talk.say(name === undefined ? 'Too late' : `Hello ${name}`)
        await talk.ask('And?')
      })
      bot.otherwise((ctx) => ctx.reply(`? ${ctx.type}`))
    })
  }
  const name = 'hookline:dialogue'

  test('answers it with undefined', async () => {
    const chat = conversation(patient())
    await chat.says('go')
    expect(chat.timers.get(name)).toMatchObject({ delayMs: 600_000 })
    await chat.fires(name)
    expect(chat.heard()).toEqual(['Name?', 'Too late', 'And?'])
  })

  test('is taken back with the answer; one that comes all the same is nobody’s', async () => {
    const chat = conversation(patient())
    await chat.says('go')
    const data = chat.timers.get(name)?.data
    await chat.says('Ann')
    expect(chat.timers.size).toBe(0)
    await chat.happens('timer', { name, data })
    expect(chat.heard()).toEqual(['Name?', 'Hello Ann', 'And?'])
  })

  test('of a dialogue that is over is nobody’s either', async () => {
    const chat = conversation(patient())
    await chat.says('go')
    const data = chat.timers.get(name)?.data
    chat.kept.memory = undefined
    await chat.happens('timer', { name, data })
    expect(chat.heard()).toEqual(['Name?'])
  })
})

test('types of answers follow the options', () => {
  defineBot({ platform: 'line' }, (bot) => {
    bot.dialogue('types', async (talk) => {
      const text: string = await talk.ask('x')
      const number: number = await talk.ask('x', { accept: () => 1 })
      const late: number | undefined = await talk.ask('x', { accept: () => 1, timeout: '1m' })
      // @ts-expect-error A question with a timeout may stay without an answer.
      const wrong: string = await talk.ask('x', { timeout: '1m' })
      return [text, number, late, wrong]
    })
  })
  const native = { type: 'native', platform: 'line', message: { type: 'text', text: 'x' } } as const
  defineBot({ platform: 'line' }, (bot) => bot.dialogue('native', (talk) => talk.say(native)))
  // @ts-expect-error Any platform may hold this dialogue: a native message has no place in it.
  defineBot((bot) => bot.dialogue('native', (talk) => talk.say(native)))
})

describe('through testBot', () => {
  test.each(['line', 'lineworks', 'tocaro'] as const)(
    'a tapped answer and a timeout on %s',
    async (platform) => {
      const menu = buttons('What?', [action.postback('Tea', 'do=tea'), action.postback('Milk', 'do=milk')])
      const bot = defineBot((bot) => {
        bot.hears('go', (ctx) => ctx.start('d'))
        bot.dialogue('d', async (talk) => {
          const what = await talk.ask(menu)
          const sure = await talk.ask('Sure?', { timeout: '10m' })
          await talk.say(`${what} ${sure ?? 'never mind'}`)
        })
      })
      const where = platform === 'tocaro' ? { conversation: { kind: 'group', id: 'G' } as const } : {}
      const chat = testBot(bot, { platform, ...where })
      await chat.says('go')
      await chat.taps('Milk')
      await chat.repeats()
      expect(chat.replies.at(-1)).toBe('Sure?')
      await chat.passes('10m')
      expect(chat.replies.at(-1)).toBe('do=milk never mind')
    },
  )
})
