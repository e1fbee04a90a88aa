import type { PlatformName } from 'hookline'
import { testBot } from 'hookline/testing'
import { eventually } from '../support/eventually'
import bot from '../support/order-bot'
import { type Stack, killLeftovers, root, startStack } from '../support/stack'

// What `testBot` says and what leaves the real processes must be the same.

/** In the form of LINE's own ids, which LINE looks at. */
const user = `U${'0123456789abcdef'.repeat(2)}`
const room = 'gr1'
/** How many messages are there after each step. */
const steps = [4, 5, 6, 7, 8]

async function inTest(platform: PlatformName): Promise<Record<string, unknown>[]> {
  const conversation = platform === 'tocaro' ? ({ kind: 'group', id: room } as const) : undefined
  const chat = testBot(bot, { platform, user, ...(conversation ? { conversation } : {}) })
  await chat.says('menu')
  await chat.taps('みかん')
  await chat.passes('1s')
  await chat.taps('はい')
  await chat.says('やめる')
  return chat.sent
}

let stack: Stack
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

function sent(platform: PlatformName): unknown[] {
  return stack.emulator.ledger.messages({ platform }).flatMap(({ messages = [] }) => messages)
}

function say(platform: PlatformName, said: string) {
  return stack.emulator.say({ platform, text: said, ...(platform === 'tocaro' ? { room } : { user }) })
}

function tap(platform: PlatformName, label: string, data: string) {
  const content = { type: 'text', text: label, postback: data }
  const source = { userId: user }
  switch (platform) {
    case 'line':
      return stack.emulator.sendEvent({
        platform,
        events: [{ type: 'postback', postback: { data }, source: { type: 'user', ...source } }],
      })
    case 'lineworks':
      return stack.emulator.sendEvent({ platform, events: [{ type: 'message', source, content }] })
    case 'tocaro':
      return say(platform, label)
  }
}

async function inEarnest(platform: PlatformName): Promise<unknown[]> {
  const play = [
    () => say(platform, 'menu'),
    () => tap(platform, 'みかん', 'buy=orange'),
    () => undefined,
    () => tap(platform, 'はい', 'yes'),
    () => say(platform, 'やめる'),
  ]
  for (const [i, act] of play.entries()) {
    await act()
    await eventually(() => expect(sent(platform)).toHaveLength(steps[i] ?? 0))
  }
  return sent(platform)
}

beforeAll(async () => {
  stack = await startStack({ env: { HOOKLINE_BOT: `${root}/tests/support/order-bot.ts` } })
})

test.each(['line', 'lineworks', 'tocaro'] as const)('testBot says what goes out on %s', async (platform) => {
  expect(await inEarnest(platform)).toEqual(await inTest(platform))
})
