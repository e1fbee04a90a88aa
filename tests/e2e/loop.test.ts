import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({
    workers: 2,
    // Nobody told the bot who it is; nor may the pace of its posts hide that it loops.
    env: { TOCARO_BOT_USER: '', TOCARO_RATE_PER_MINUTE: '60000', TOCARO_MUTE_AFTER: '5' },
  })
})
afterAll(async () => {
  await stack.stop()
  killLeftovers()
})

const posts = (room: string) =>
  stack.emulator.ledger
    .messages({ platform: 'tocaro', conversation: room })
    .flatMap((entry) => (entry.messages ?? []).map((message) => String((message as { text?: string }).text)))

async function metric(line: RegExp): Promise<number> {
  const pages = await Promise.all(
    stack.workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  )
  const lines = pages.flatMap((page) => page.split('\n')).filter((text) => line.test(text))
  return lines.reduce((sum, text) => sum + Number(text.split(' ').at(-1)), 0)
}

test('a bot that does not know its own user code does not answer its own posts', async () => {
  stack.emulator.configure({ echoOwnPosts: true })
  await stack.emulator.say({ platform: 'tocaro', room: 'gr-echo', text: 'こだま' })
  await eventually(async () => expect(await metric(/^hookline_ignored_events_total.*own_message/)).toBe(1))
  stack.emulator.configure({ echoOwnPosts: false })
  await stack.emulator.say({ platform: 'tocaro', room: 'gr-echo', text: 'しずか' })
  await eventually(() => expect(posts('gr-echo')).toEqual(['こだま', 'しずか']))
})

test('two bots that answer each other come to rest, and nothing is lost', async () => {
  // The other bot repeats what it hears, in other words: no text is an echo.
  let answered = 0
  const over = new AbortController()
  const other = (async () => {
    await stack.emulator.say({ platform: 'tocaro', room: 'gr-loop', user: 'usother', text: 'start' })
    while (!over.signal.aborted) {
      for (const text of posts('gr-loop').slice(answered)) {
        answered += 1
        await stack.emulator.say({
          platform: 'tocaro',
          room: 'gr-loop',
          user: 'usother',
          text: `re: ${text}`,
        })
      }
      await new Promise((next) => setImmediate(next))
    }
  })()
  try {
    await eventually(async () => expect(await metric(/^hookline_muted_total/)).toBe(1))
    await eventually(async () => expect(await metric(/^hookline_items_total.*outcome="postpone"/)).toBe(1))
  } finally {
    over.abort()
    await other
  }
  expect(posts('gr-loop')).toHaveLength(6)
  expect(stack.output()).toContain('seem to answer each other without end')
  // What the other bot said last waits in its lane.
  const waiting = await stack.redis.lrange('{hookline:tocaro}:lane:group:gr-loop', 0, -1)
  expect(waiting).toHaveLength(1)
})

test('fifteen messages at once are all answered, in order', async () => {
  const texts = Array.from({ length: 15 }, (_, i) => `message ${i}`)
  const fault = stack.emulator.faults.add({
    ...{ platform: 'tocaro', operation: 'groups.messages', kind: 'slow', delayMs: 150 },
  })
  for (const text of texts)
    await stack.emulator.say({ platform: 'tocaro', room: 'gr-burst', user: 'us1', text })
  await eventually(() => expect(posts('gr-burst')).toEqual(texts))
  stack.emulator.faults.clear(fault.id)
})
