import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

const allowed = { calls: 60, ms: 6000 }
const users = Array.from({ length: 60 }, (_, i) => `user-${i}`)
const texts = ['one', 'two', 'three', 'four']
let stack: Stack

beforeAll(async () => {
  // The bot is configured for 240 a minute, as by default: the real limit is only in the platform's headers.
  stack = await startStack({
    workers: 3,
    settings: { lineworksRatePerMinute: allowed.calls, lineworksRateWindowMs: allowed.ms, latencyMs: 20 },
  })
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

const sent = () =>
  stack.emulator.ledger.messages({ platform: 'lineworks' }).map(({ at, conversation, messages }) => ({
    at,
    user: conversation?.id,
    text: (messages?.[0] as { text: string }).text,
  }))
const refused = () =>
  stack.emulator.ledger.after(0).filter(({ kind, status }) => kind === 'api' && status === 429).length
const minted = () => stack.emulator.ledger.tokensMinted('lineworks')

test('240 messages through three workers run at the speed that the platform states, next to none refused', async () => {
  await Promise.all(
    users.map(async (user) => {
      for (const text of texts) await stack.emulator.say({ platform: 'lineworks', user, text })
    }),
  )
  await eventually(() => expect(sent()).toHaveLength(240), 60_000)

  expect(refused()).toBeLessThanOrEqual(2)
  const times = sent().map(({ at }) => at)
  const took = Math.max(...times) - Math.min(...times)
  expect((240 / took) * 1000).toBeGreaterThanOrEqual(0.7 * (allowed.calls / allowed.ms) * 1000)
  for (const user of users) {
    expect(
      sent()
        .filter((message) => message.user === user)
        .map(({ text }) => text),
    ).toEqual(texts)
  }
  expect(minted()).toBe(1)
}, 90_000)

test('one more token is minted when that one is revoked', async () => {
  stack.emulator.expireTokens('lineworks')
  await Promise.all(
    users.slice(0, 20).map((user) => stack.emulator.say({ platform: 'lineworks', user, text: 'five' })),
  )
  await eventually(() => expect(sent().filter(({ text }) => text === 'five')).toHaveLength(20))
  expect(minted()).toBe(2)
})
