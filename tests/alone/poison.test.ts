import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listDeadLetters } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, root, startStack } from '../support/stack'

afterAll(killLeftovers)

/** A bot file of the test's own, in a folder of its own. */
function botFile(source: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hookline-bot-')), 'bot.ts')
  writeFileSync(file, source)
  return file
}

let stack: Stack

const said = (text: string) =>
  stack.emulator.ledger.messages().filter((entry) => JSON.stringify(entry.messages).includes(text)).length
const reasons = async (bot: string) => (await listDeadLetters(stack.redis, bot)).map(({ reason }) => reason)

/** Keeps this many workers running, as an operator's supervisor does. */
function keepWorkers(count: number, { addWorker, workers }: Stack) {
  let over = false
  const isOver = () => over
  const keep = async () => {
    while (!isOver()) {
      // One that meets the poison before it was seen to be ready is started again like any other.
      const worker = await addWorker().catch(() => undefined)
      // One that was about to start when all came to an end.
      if (isOver()) return worker?.end('SIGKILL')
      if (worker?.process.exitCode === null && worker.process.signalCode === null)
        await once(worker.process, 'exit')
    }
  }
  const kept = Array.from({ length: count }, keep)
  return {
    end: async () => {
      over = true
      await Promise.all(workers.map((worker) => worker.end('SIGKILL')))
      await Promise.all(kept)
    },
  }
}

describe('the watchdog', () => {
  /** A process with a watchdog of one second that runs this code. */
  function watched(code: string) {
    const module = JSON.stringify(join(root, 'dist/apps/worker/watchdog'))
    const child = spawn(process.execPath, ['-e', `require(${module}).startWatchdog(1000)\n${code}`])
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    const ended = once(child, 'close').then(([exit, signal]) => (exit ?? signal) as number | string)
    return { child, ended, output: () => output }
  }

  test('ends a process whose event loop is blocked, and says why', async () => {
    const { ended, output } = watched('setTimeout(() => { for (;;) {} }, 300)')
    expect(await ended).toBe('SIGKILL')
    expect(output()).toMatch(/^The event loop has been blocked for 2 s: .*\n$/)
  })

  test('ends one that was blocked before its event loop turned once', async () => {
    expect(await watched('for (;;) {}').ended).toBe('SIGKILL')
  })

  test('does not keep a process alive', async () => {
    expect(await watched('').ended).toBe(0)
  })

  test('does not blame a process for a time in which it was stopped', async () => {
    const { child, ended, output } = watched(
      `setInterval(() => console.log('turn'), 100); process.on('SIGTERM', () => process.exit(0))`,
    )
    await eventually(() => expect(output()).toContain('turn'))
    child.kill('SIGSTOP')
    const stoppedAt = Date.now()
    await eventually(() => expect(Date.now() - stoppedAt).toBeGreaterThan(2000))
    const before = output().length
    child.kill('SIGCONT')
    await eventually(() => expect(output().length).toBeGreaterThan(before + 10 * 'turn\n'.length))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})

describe('an item whose handler', () => {
  const file = botFile(`import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => {
  if (ctx.text === 'exit') process.exit(9)
  if (ctx.text === 'block') for (;;) {}
  if (ctx.text === 'hang') await new Promise(() => undefined)
  await ctx.reply('answer to ' + ctx.text)
}))`)

  test.each([
    ['ends the process', 'exit', 'lineworks', 'crashed'],
    ['blocks the process', 'block', 'line', 'crashed'],
    ['never returns', 'hang', 'tocaro', 'attempts_used_up'],
  ] as const)(
    '%s is parked; what comes after it and beside it is answered',
    async (_what, poison, platform, reason) => {
      // On a busy machine all these starts take longer than a reply token lives: then the answers are pushed.
      const env = { HANDLER_TIMEOUT: '1', RETRY_ATTEMPTS: '2', LINE_REPLY_FALLBACK: 'push' }
      stack = await startStack({ workers: 0, env: { ...env, HOOKLINE_BOT: file } })
      for (const text of [poison, 'after it']) await stack.emulator.say({ platform, text })
      for (const user of ['u1', 'u2'])
        await stack.emulator.say({ platform: 'line', user, text: `beside, ${user}` })
      const workers = keepWorkers(2, stack)
      try {
        await eventually(async () => {
          expect(await Promise.all(['lineworks', 'line', 'tocaro'].map(reasons))).toEqual(
            ['lineworks', 'line', 'tocaro'].map((name) => (name === platform ? [reason] : [])),
          )
          for (const text of ['after it', 'beside, u1', 'beside, u2'])
            expect(said(`answer to ${text}`)).toBeGreaterThan(0)
        }, 110_000)
        expect(stack.output().includes('The event loop has been blocked for')).toBe(poison === 'block')
      } finally {
        await workers.end()
        await stack.stop()
      }
    },
    150_000,
  )
})

describe('a worker that is killed', () => {
  afterEach(() => stack.stop())
  const file = botFile(`import { appendFileSync } from 'node:fs'
import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => {
  appendFileSync(process.env.RUNS_FILE, ctx.text + '\\n')
  if (ctx.text === 'busy' && process.env.VICTIM) await new Promise(() => undefined)
  await ctx.reply('answer to ' + ctx.text)
}))`)
  const runsFile = () => join(mkdtempSync(join(tmpdir(), 'hookline-runs-')), 'runs')

  test('while it is the only busy one is replaced by another within ten seconds', async () => {
    stack = await startStack({ workers: 0, env: { HOOKLINE_BOT: file, RUNS_FILE: runsFile(), VICTIM: '1' } })
    const victim = await stack.addWorker()
    await stack.emulator.say({ platform: 'line', text: 'busy' })
    await eventually(async () => expect(await stack.redis.hlen('{hookline:line}:owners')).toBe(1))
    delete stack.env['VICTIM']
    await stack.addWorker()
    const killedAt = Date.now()
    await victim.end('SIGKILL')
    await eventually(() => expect(said('answer to busy')).toBe(1))
    expect(Date.now() - killedAt).toBeLessThan(10_000)
  })

  test('between the handler’s return and the answer has its reply sent by another, without the handler', async () => {
    const runs = runsFile()
    stack = await startStack({ workers: 0, env: { HOOKLINE_BOT: file, RUNS_FILE: runs } })
    const victim = await stack.addWorker()
    const fault = stack.emulator.faults.add({
      platform: 'line',
      operation: 'reply',
      kind: 'slow',
      delayMs: 60_000,
    })
    await stack.emulator.say({ platform: 'line', text: 'once' })
    await eventually(async () => {
      const [item] = await stack.redis.lrange((await stack.redis.keys('*:lane:*'))[0] ?? '', 0, 0)
      expect(item).toContain('"state":"sending"')
    })
    await victim.end('SIGKILL')
    stack.emulator.faults.clear(fault.id)
    await stack.addWorker()
    await eventually(() => expect(said('answer to once')).toBe(1))
    expect(readFileSync(runs, 'utf8')).toBe('once\n')
  })
})
