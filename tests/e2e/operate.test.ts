import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, root, runToEnd, startStack } from '../support/stack'

let stack: Stack
afterEach(() => stack.stop())
afterAll(killLeftovers)

const cli = 'dist/libs/cli/main.js'
const hookline = (...args: string[]) => runToEnd(cli, { REDIS_URL: stack.env['REDIS_URL'] ?? '' }, args)

interface SeenStatus {
  bots: Record<string, unknown>[]
  attention: string[]
}

async function status(...args: string[]): Promise<{ code: number; seen: SeenStatus }> {
  const { code, output } = await hookline('status', '--json', ...args)
  return { code, seen: JSON.parse(output) as SeenStatus }
}

/** Answers `hold` only when the file is there. */
function holdingBot(): { bot: string; release: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
  const file = join(folder, 'released')
  writeFileSync(
    join(folder, 'bot.ts'),
    `import { existsSync } from 'node:fs'
import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.hears('hold', async (ctx) => {
    while (!existsSync(${JSON.stringify(file)})) await new Promise((next) => setTimeout(next, 20))
    await ctx.reply('held')
  })
  bot.hears('bad', () => { throw new Error('秘密の言葉') })
  bot.on('text', (ctx) => ctx.reply(ctx.text))
})`,
  )
  return { bot: join(folder, 'bot.ts'), release: () => writeFileSync(file, '') }
}

const said = () =>
  stack.emulator.ledger
    .messages({ platform: 'lineworks' })
    .flatMap(({ messages = [] }) => messages.map((message) => (message as { text?: string }).text))

const say = (text: string) => stack.emulator.say({ platform: 'lineworks', text })

test('a paused bot finishes the item at hand, takes no more through a restart, and goes on when resumed', async () => {
  const { bot, release } = holdingBot()
  stack = await startStack({ env: { HOOKLINE_BOT: bot } })
  await say('hold')
  await eventually(async () => {
    const metrics = await (await fetch(`${stack.workers[0]!.url}/metrics`)).text()
    expect(metrics).toContain('hookline_active_drains{bot="lineworks"} 1')
  })
  await say('second')
  await say('third')
  const paused = await hookline('pause', 'lineworks', '--reason', '工事中')
  expect(paused).toMatchObject({ code: 0, output: expect.stringContaining('hookline resume lineworks') })
  release()
  await eventually(() => expect(said()).toEqual(['held']))
  await eventually(async () => {
    const { code, seen } = await status()
    expect(code).toBe(1)
    expect(seen.bots.find(({ bot: name }) => name === 'lineworks')).toMatchObject({
      ...{ platform: 'lineworks', paused: true, pause: { reason: '工事中' }, workers: 1, items: 2, lanes: 1 },
    })
    expect(seen.attention).toContain('lineworks is paused: hookline resume lineworks')
  })
  // Nothing is counted against the item that was not begun.
  expect(await stack.redis.hgetall('{hookline:lineworks}:starts')).toEqual({})
  const metrics = await (await fetch(`${stack.workers[0]!.url}/metrics`)).text()
  expect(metrics).toContain('hookline_bot_paused{bot="lineworks"} 1')
  expect(metrics).toContain('hookline_active_drains{bot="lineworks"} 0')

  await stack.workers[0]?.end('SIGTERM')
  const worker = await stack.addWorker()
  await eventually(() => expect(worker.output()).toContain('this bot is paused'))
  // Another bot's items pass, those of this one do not.
  await stack.emulator.say({ platform: 'tocaro', text: 'meanwhile' })
  await eventually(() => expect(stack.emulator.ledger.messages({ platform: 'tocaro' })).toHaveLength(1))
  expect(said()).toEqual(['held'])

  expect(await hookline('pause', 'lineworks')).toMatchObject({ code: 2 })
  expect(await hookline('resume', 'lineworks')).toMatchObject({ code: 0 })
  await eventually(() => expect(said()).toEqual(['held', 'second', 'third']))
  expect(await hookline('resume', 'lineworks')).toMatchObject({ code: 2 })
  await eventually(async () => expect((await status()).code).toBe(0))
})

test('a bot that nobody knows is not paused', async () => {
  stack = await startStack({ workers: 0 })
  const { code, output } = await hookline('pause', 'nobody')
  expect(code).toBe(1)
  expect(output).toContain('There is no bot "nobody"')
  expect(await stack.redis.keys('{hookline:nobody}*')).toEqual([])
})

test('status tells of dead letters by reason, of missing workers and of the ingress', async () => {
  const { bot } = holdingBot()
  stack = await startStack({ env: { HOOKLINE_BOT: bot, RETRY_ATTEMPTS: '1' } })
  await say('bad')
  await eventually(async () => {
    const { code, seen } = await status('--url', stack.ingress.url)
    expect(code).toBe(1)
    expect(seen.bots.find(({ bot: name }) => name === 'lineworks')).toMatchObject({
      ...{ deadLetters: 1, deadLettersByReason: { attempts_used_up: 1 } },
    })
    expect(seen).toMatchObject({ ingress: { ready: true, checks: { redis: 'ok', journal: 'ok' } } })
  })
  await stack.workers[0]?.end('SIGTERM')
  await say('who is there')
  await eventually(async () => {
    const { output } = await hookline('status', '--url', 'http://127.0.0.1:9')
    expect(output).toContain('lineworks has events waiting and no worker: start one')
    expect(output).toContain('the ingress at http://127.0.0.1:9 does not answer')
  })
})

test('tail tells what happens to an event and never what was said', async () => {
  const { bot } = holdingBot()
  stack = await startStack({ env: { HOOKLINE_BOT: bot, RETRY_ATTEMPTS: '1' } })
  const tail = spawn(process.execPath, [join(root, cli), 'tail', '--json', '--platform', 'lineworks'], {
    env: { PATH: process.env['PATH'], REDIS_URL: stack.env['REDIS_URL'] },
    cwd: root,
  })
  let output = ''
  tail.stdout.on('data', (chunk) => (output += String(chunk)))
  try {
    await eventually(async () => expect(await stack.redis.pubsub('NUMPAT')).toBe(1))
    await stack.emulator.say({ platform: 'tocaro', text: 'not this one' })
    await say('内緒の話')
    await say('bad')
    const entries = await eventually(() => {
      const found = output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(found.filter(({ kind }) => kind === 'item')).toHaveLength(2)
      return found
    })
    expect(entries.filter(({ kind }) => kind === 'stored')).toHaveLength(2)
    expect(entries.filter(({ kind }) => kind === 'item')).toMatchObject([
      { bot: 'lineworks', platform: 'lineworks', type: 'text', outcome: 'done', attempt: 1, messages: 1 },
      { outcome: 'park', reason: 'attempts_used_up', handler_ms: expect.any(Number) },
    ])
    expect(output).not.toMatch(/内緒の話|秘密の言葉|tocaro/)
    const ended = once(tail, 'exit')
    tail.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  } finally {
    tail.kill('SIGKILL')
  }
})

test('a command ends quietly when nobody reads on', async () => {
  stack = await startStack({ workers: 0 })
  const child = spawn(process.execPath, [join(root, cli), 'status', '--watch', '--json'], {
    env: { PATH: process.env['PATH'], REDIS_URL: stack.env['REDIS_URL'] },
  })
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  child.stdout.destroy()
  expect(await ended).toEqual([0, null])
  expect(errors).toBe('')
})

test('hookline ingress is the ingress: it starts, serves and ends on a signal', async () => {
  stack = await startStack({ workers: 0 })
  const child = spawn(process.execPath, [join(root, cli), 'ingress'], {
    env: { PATH: process.env['PATH'], ...stack.env, INGRESS_PORT: '0' },
    cwd: root,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  const url = await eventually(() => /"url":"([^"]+)"/.exec(output)![1]!)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(output).toContain('"stopped"')
})
