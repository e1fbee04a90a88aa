import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { type Service, type Stack, killLeftovers, startStack } from '../support/stack'

/** The lock of a lane's job lives this long: what is taken up sooner was given back. */
const lockMs = 5000

const dir = mkdtempSync(join(tmpdir(), 'hookline-stop-'))
const release = join(dir, 'release')
const runs = join(dir, 'runs')
let stack: Stack

beforeEach(async () => {
  rmSync(release, { force: true })
  writeFileSync(runs, '')
  writeFileSync(join(dir, 'bot.ts'), botFile)
  stack = await startStack({ workers: 0, env: { HOOKLINE_BOT: join(dir, 'bot.ts') } })
})
afterEach(() => stack.stop())
afterAll(() => {
  killLeftovers()
  rmSync(dir, { recursive: true, force: true })
})

/** Says at once which process has which text; a text that begins with "held" then waits for the test. */
const botFile = `import { appendFileSync, existsSync } from 'node:fs'
import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => {
  appendFileSync(${JSON.stringify(runs)}, 'run in ' + process.pid + '\\n')
  await ctx.push('started ' + ctx.text + ' in ' + process.pid + ' try ' + ctx.attempt)
  while (ctx.text.startsWith('held') && !existsSync(${JSON.stringify(release)})) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await ctx.reply('ended ' + ctx.text + ' in ' + process.pid)
}))`

const say = (user: string, text: string) => stack.emulator.say({ platform: 'lineworks', user, text })

const heard = (user: string) =>
  stack.emulator.ledger
    .messages({ conversation: user })
    .flatMap(({ messages = [] }) => messages.map((message) => String((message as { text?: string }).text)))

const hears = (user: string, ...texts: string[]) => eventually(() => expect(heard(user)).toEqual(texts))

/** Resolves when the worker knows that it has to end; `ended` with its exit code. */
async function stop(worker: Service): Promise<{ ended: Promise<number | string> }> {
  const ended = worker.end('SIGTERM')
  await eventually(() => expect(worker.output()).toContain('"stopping"'))
  return { ended }
}

test('another worker goes on at once with what a busy worker has not begun', async () => {
  const old = await stack.addWorker()
  const [was, users] = [old.process.pid, ['a', 'b', 'c']]
  for (const user of users) await say(user, 'held')
  for (const user of users) await say(user, 'next')
  for (const user of users) await hears(user, `started held in ${was} try 1`)
  const next = (await stack.addWorker()).process.pid

  const { ended } = await stop(old)
  await say('d', 'hello')
  await hears('d', `started hello in ${next} try 1`, `ended hello in ${next}`)
  const releasedAt = performance.now()
  writeFileSync(release, '')
  // The item at hand is finished where it was begun, the next one of the same lane elsewhere.
  for (const user of users) {
    const own = [`started held in ${was} try 1`, `ended held in ${was}`]
    await hears(user, ...own, `started next in ${next} try 1`, `ended next in ${next}`)
  }
  expect(performance.now() - releasedAt).toBeLessThan(lockMs)
  expect(await ended).toBe(0)
})

test.each([
  ['the shutdown time is over', 'not finished in time', () => undefined],
  ['a second signal comes', 'second signal', (worker: Service) => worker.process.kill('SIGTERM')],
])(
  'an item that does not end is resumed elsewhere when %s, and that is no crash',
  async (_when, words, signal) => {
    stack.env['SHUTDOWN_TIMEOUT'] = '2'
    const old = await stack.addWorker()
    await say('a', 'held')
    await say('a', 'next')
    await hears('a', `started held in ${old.process.pid} try 1`)
    const next = (await stack.addWorker()).process.pid
    const { ended } = await stop(old)
    signal(old)
    expect(await ended).toBe(1)
    const endedAt = performance.now()
    expect(old.output()).toContain(words)
    await eventually(() => expect(readFileSync(runs, 'utf8')).toContain(`run in ${next}`))
    expect(performance.now() - endedAt).toBeLessThan(lockMs)
    // This start alone.
    expect(await stack.redis.hget('{hookline:lineworks}:starts', 'user:a')).toBe('1')
    writeFileSync(release, '')
    // The push is not made again: the item knows it.
    const sent = `started held in ${old.process.pid} try 1`
    await hears('a', sent, `ended held in ${next}`, `started next in ${next} try 1`, `ended next in ${next}`)
  },
)

test('SIGHUP does not end a worker, which says what to do instead', async () => {
  const worker = await stack.addWorker()
  worker.process.kill('SIGHUP')
  await eventually(() => expect(worker.output()).toContain('restart it to apply changes'))
  await say('a', 'hello')
  await eventually(() => expect(heard('a')).toHaveLength(2))
})
