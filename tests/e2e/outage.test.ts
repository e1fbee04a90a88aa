import { listDeadLetters } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

const users = Array.from({ length: 30 }, (_, i) => `U${i.toString(16).padStart(32, '0')}`)
let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 2, env: { RETRY_ATTEMPTS: '2' } })
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

async function breakerStates(): Promise<string[]> {
  const pages = await Promise.all(
    stack.workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  )
  return pages.flatMap((page) => page.match(/^hookline_breaker_state\{bot="line"\} \d/gm) ?? [])
}

test('a platform that fails wholesale is left alone, uses up no attempts, and gets everything afterwards', async () => {
  const { emulator } = stack
  emulator.faults.add({ platform: 'line', operation: '*', kind: '500' })
  await Promise.all(
    users.map(async (user) => {
      for (const text of ['one', 'two']) {
        expect(await emulator.say({ platform: 'line', user, text })).toMatchObject({ delivered: true })
      }
    }),
  )
  const failed = () => emulator.ledger.after(0).filter(({ status }) => status === 500)
  await eventually(() => expect(stack.output().match(/sending is held/g)).toHaveLength(1))
  // Two tries whether it is back have failed since.
  await eventually(() => {
    const first = failed()[0]?.at ?? Infinity
    expect(failed().filter(({ at }) => at > first + 900).length).toBeGreaterThanOrEqual(2)
  })
  expect(failed().length).toBeLessThan(users.length + 20)
  expect(await breakerStates()).toContain('hookline_breaker_state{bot="line"} 2')

  emulator.faults.clear()
  const seen = (user: string) =>
    emulator.ledger
      .messages({ platform: 'line', conversation: user })
      .flatMap(({ messages }) => (messages ?? []).map((message) => (message as { text: string }).text))
  await eventually(() => {
    for (const user of users) expect(seen(user)).toEqual(['one', 'two'])
  })
  expect(await listDeadLetters(stack.redis, 'line')).toEqual([])
  await eventually(async () => {
    const states = await breakerStates()
    expect(states).not.toEqual([])
    expect(new Set(states)).toEqual(new Set(['hookline_breaker_state{bot="line"} 0']))
  })
  expect(stack.output().match(/sending goes on/g)).toHaveLength(1)
})
