import type { Event } from '#libs/contract'
import { type TestBotOptions, type TestEvent, testBot } from 'hookline/testing'
import { type BotBuilder, defineBot } from '.'

/** How often the listener took the event. */
async function taken(
  listen: (bot: BotBuilder<undefined>, take: () => void) => void,
  event: TestEvent,
  options: TestBotOptions = {},
) {
  let count = 0
  const bot = defineBot((builder) => listen(builder, () => void count++))
  await testBot(bot, options).receives(event)
  return count
}

const hello: TestEvent = { type: 'text', text: 'hello' }
const group = { kind: 'group', id: 'C1' } as const

test.each([
  ['line', 'line', 1],
  ['line', 'lineworks', 0],
  [['line', 'tocaro'], 'tocaro', 1],
  [['line', 'tocaro'], 'lineworks', 0],
  [[], 'line', 0],
] as const)('platform %j takes an event of %s: %d', async (platform, of, count) => {
  expect(await taken((bot, take) => bot.on('text', { platform }, take), hello, { platform: of })).toBe(count)
})

test.each([
  ['user', 'line', { kind: 'user', id: 'U1' }, 1],
  ['user', 'line', group, 0],
  ['group', 'line', group, 1],
  ['group', 'line', { kind: 'room', id: 'R1' }, 1],
  ['group', 'line', { kind: 'user', id: 'U1' }, 0],
  ['group', 'lineworks', { kind: 'channel', id: 'c1' }, 1],
  ['group', 'tocaro', { kind: 'group', id: 'gr1' }, 1],
  ['group', 'line', { kind: 'none', id: 'none' }, 0],
  ['user', 'line', { kind: 'none', id: 'none' }, 0],
] as const)('in %s takes a text on %s from %j: %d', async (place, platform, conversation, count) => {
  const listen = (bot: BotBuilder<undefined>, take: () => void) => bot.on('text', { in: place }, take)
  expect(await taken(listen, { ...hello, conversation }, { platform })).toBe(count)
})

test('in user takes the begin of a one-to-one room, whose id is a channel’s', async () => {
  const begin: TestEvent = { type: 'begin', conversation: { kind: 'channel', id: 'c1' } }
  expect(
    await taken((bot, take) => bot.on('begin', { in: 'user' }, take), begin, { platform: 'lineworks' }),
  ).toBe(1)
})

test.each([
  [true, [{ self: true }], 1],
  [true, [{ userId: 'U2' }], 0],
  [true, undefined, 0],
  [false, undefined, 1],
  [false, [{ self: true }], 0],
] as const)('mentioned %j takes mentions of %j: %d', async (mentioned, mentions, count) => {
  const event: TestEvent = { ...hello, ...(mentions && { mentions: [...mentions] }) }
  expect(await taken((bot, take) => bot.on('text', { mentioned }, take), event)).toBe(count)
})

test.each([
  ['U1', 1],
  [['U2', 'U1'], 1],
  ['U2', 0],
  [[], 0],
])('from %j takes an event of U1: %d', async (from, count) => {
  expect(await taken((bot, take) => bot.on('text', { from }, take), { ...hello, userId: 'U1' })).toBe(count)
})

test.each([
  ['do=ok', 'do=ok', 1],
  ['do=ok', 'do=ok&more', 0],
  [/^do=(\w+)/, 'do=ok&more', 1],
  [/^do=/, 'undo=', 0],
] as const)('data %s takes a postback of %j: %d', async (data, of, count) => {
  expect(await taken((bot, take) => bot.on('postback', { data }, take), { type: 'postback', data: of })).toBe(
    count,
  )
})

test('gives the match of the data', async () => {
  const bot = defineBot((builder) => {
    builder.on('postback', { data: /^do=(\w+)/ }, (ctx) => ctx.reply(ctx.match[1] ?? ''))
  })
  const chat = testBot(bot)
  await chat.receives({ type: 'postback', data: 'do=approve' })
  expect(chat.replies).toEqual(['approve'])
})

test.each([
  [true, 1],
  [false, 0],
])('waits for what when says: %j', async (answer, count) => {
  const when = async (ctx: { type: Event['type'] }) => ctx.type === 'text' && answer
  expect(await taken((bot, take) => bot.on('text', { when }, take), hello)).toBe(count)
})

test('asks when only where the rest of the filter fits', async () => {
  const asked: string[] = []
  const when = (ctx: { platform: string }) => asked.push(ctx.platform) > 0
  await taken((bot, take) => bot.on('text', { platform: 'tocaro', when }, take), hello)
  expect(asked).toEqual([])
})

test('goes on to the next listener where a filter does not fit', async () => {
  const bot = defineBot((builder) => {
    builder.hears('a', { in: 'group' }, (ctx) => ctx.reply('group'))
    builder.hears('a', { in: 'user' }, (ctx) => ctx.reply('user'))
  })
  const chat = testBot(bot)
  await chat.says('a')
  await chat.in(group).says('a')
  expect(chat.replies).toEqual(['user', 'group'])
})

// As from a bot file in JavaScript, which no compiler checks.
test.each<[string, object, string]>([
  ['text', { plattform: 'line' }, 'There is no filter "plattform". Did you mean platform?'],
  ['text', { platform: 'lineworx' }, 'There is no platform "lineworx". Did you mean lineworks?'],
  ['text', { in: 'grup' }, 'There is no place for the filter "in" "grup". Did you mean group?'],
  ['text', { mentioned: 'yes' }, 'The filter "mentioned" is true or false, got "yes".'],
  ['text', { from: 7 }, 'The filter "from" needs user ids, got a number.'],
  ['text', { when: true }, 'The filter "when" needs a function, got a boolean.'],
  ['postback', { data: 7 }, 'The filter "data" needs a text or a regular expression, got a number.'],
  ['text', { data: 'x' }, 'The filter "data" is for postback events.'],
  ['join', { mentioned: true }, 'The filter "mentioned" is for text events.'],
  ['text', [], 'Expected an object with each filter, got an array.'],
])('refuses on %s the filter %j', (type, filter, message) => {
  expect(() => defineBot((bot) => bot.on(type as 'text', filter, () => undefined))).toThrow(message)
})
