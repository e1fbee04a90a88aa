import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

// The embedded Redis does some 100 events/s: fewer conversations there, the same faults.
const embedded = process.env['TEST_REDIS_KIND'] === 'js-redis-server'
const conversations = embedded ? 8 : 40
const texts = 15
let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 2, settings: { lineworksRatePerMinute: 100_000 } })
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

/** What one conversation's user saw, in order. */
function seenBy(platform: 'line' | 'lineworks', conversation: string): string[] {
  return stack.emulator.ledger
    .messages({ platform, conversation })
    .flatMap((entry) => (entry.messages ?? []).map((message) => String((message as { text?: string }).text)))
}

test.each(['lineworks', 'line'] as const)(
  'on %s every conversation stays in order while 1 call in 40 fails with 429, 500 or 401',
  async (platform) => {
    const operation = platform === 'line' ? 'reply' : 'users.messages'
    for (const kind of ['429', '500', '401'] as const)
      stack.emulator.faults.add({ platform, operation, kind, every: 120 })
    const users = Array.from({ length: conversations }, (_, i) =>
      platform === 'line' ? `U${i.toString(16).padStart(32, '0')}` : `user-${i}`,
    )
    const expected = Array.from({ length: texts }, (_, i) => `message ${i}`)

    await Promise.all(
      users.map(async (user) => {
        for (const text of expected) {
          expect(await stack.emulator.say({ platform, user, text })).toMatchObject({ delivered: true })
        }
      }),
    )
    await eventually(() => {
      const arrived = users.map((user) => seenBy(platform, user).length)
      expect(arrived).toEqual(users.map(() => texts))
    }, 90_000)
    for (const user of users) expect(seenBy(platform, user)).toEqual(expected)
    stack.emulator.faults.clear()
  },
  120_000,
)

test.each(['lineworks', 'line'] as const)(
  'on %s one new token serves all workers when the old one has ended',
  async (platform) => {
    const before = stack.emulator.ledger.tokensMinted(platform)
    expect(before).toBeGreaterThan(0)
    stack.emulator.expireTokens(platform)
    const users = Array.from({ length: 10 }, (_, i) => `after-${i}`)
    await Promise.all(
      users.map((user) => stack.emulator.say({ platform, user, text: `after the end, ${user}` })),
    )
    await eventually(() => {
      const texts = JSON.stringify(stack.emulator.ledger.messages({ platform }))
      for (const user of users) expect(texts).toContain(`after the end, ${user}`)
    })
    expect(stack.emulator.ledger.tokensMinted(platform)).toBe(before + 1)
  },
)
