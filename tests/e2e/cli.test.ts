import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, root, runToEnd, startStack } from '../support/stack'

const cli = 'dist/libs/cli/main.js'
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  killLeftovers()
})

/** `hookline …` in a folder of its own, on ports of its own. */
async function hookline(args: string[], env: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'hookline-cli-'))
  const ports = {
    INGRESS_PORT: await freePort(),
    WORKER_PORT: await freePort(),
    CONSOLE_PORT: await freePort(),
    EMULATOR_PORT: await freePort(),
    ...env,
  }
  const child = spawn(process.execPath, [join(root, cli), ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...ports },
  })
  started.push(child)
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'exit').then(([code]) => code as number)
  return { child, ports, ended, output: () => output }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

/** Ids of the processes that a process started, and they in turn. */
async function descendants(pid: number): Promise<number[]> {
  const ps = spawn('ps', ['-eo', 'pid=,ppid='])
  let table = ''
  ps.stdout.on('data', (chunk) => (table += String(chunk)))
  await once(ps, 'close')
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    rows.filter(([, ppid]) => ppid === parent).flatMap(([id = 0]) => [id, ...below(id)])
  return below(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('hookline dev', () => {
  test('starts everything, lets the chat talk to the bot, and leaves no process behind', async () => {
    const dev = await hookline(['dev'])
    await eventually(() => expect(dev.output()).toContain('Ctrl-C stops everything'))
    const children = await descendants(dev.child.pid ?? 0)
    expect(children.length).toBeGreaterThanOrEqual(3)

    const chat = await hookline(['chat'], dev.ports)
    chat.child.stdin.end('こんにちは 😀\nまた明日\n')
    expect(await chat.ended).toBe(0)
    for (const platform of ['line', 'lineworks', 'tocaro']) {
      expect(chat.output()).toContain(`${platform}> こんにちは 😀`)
      expect(chat.output()).toContain(`${platform}> また明日`)
    }

    dev.child.kill('SIGINT')
    expect(await dev.ended).toBe(0)
    expect(children.filter(isAlive)).toEqual([])
  })

  test('takes its processes along when it is killed', async () => {
    const dev = await hookline(['dev'])
    await eventually(() => expect(dev.output()).toContain('Ctrl-C stops everything'))
    const children = await descendants(dev.child.pid ?? 0)
    dev.child.kill('SIGKILL')
    await dev.ended
    await eventually(() => expect(children.filter(isAlive)).toEqual([]))
  })

  test('starts a worker again that a bot has ended, and ends all the same', async () => {
    const bot = join(mkdtempSync(join(tmpdir(), 'hookline-bot-')), 'bot.ts')
    writeFileSync(
      bot,
      `import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.hears('die', () => process.exit(7))
  bot.on('text', (ctx) => ctx.reply('answer to ' + ctx.text))
})`,
    )
    const dev = await hookline(['dev'], { HOOKLINE_BOT: bot })
    await eventually(() => expect(dev.output()).toContain('Ctrl-C stops everything'))
    const say = (user: string, text: string) =>
      fetch(`http://127.0.0.1:${dev.ports.EMULATOR_PORT}/__emulator/say`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ platform: 'lineworks', user, text }),
      })
    expect((await say('u1', 'die')).status).toBe(200)
    await eventually(() => expect(dev.output()).toContain('the worker ended (7); starting it again in 0.5 s'))
    await say('u2', 'hello')
    await eventually(async () => {
      const messages = await fetch(`http://127.0.0.1:${dev.ports.EMULATOR_PORT}/__emulator/ledger`)
      expect(await messages.text()).toContain('answer to hello')
    })
    dev.child.kill('SIGINT')
    expect(await dev.ended).toBe(0)
  })

  test('says which setting moves a port that is taken, and ends', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const port = String((server.address() as AddressInfo).port)
    const dev = await hookline(['dev'], { INGRESS_PORT: port })
    expect(await dev.ended).toBe(1)
    expect(dev.output()).toContain(`Port ${port} on 127.0.0.1 is in use by another program. Set INGRESS_PORT`)
    server.close()
  })
})

describe('hookline chat', () => {
  test('starts everything by itself when no emulator runs, for one platform too', async () => {
    const chat = await hookline(['chat', 'lineworks'])
    chat.child.stdin.end('ひとりで\n')
    expect(await chat.ended).toBe(0)
    expect(chat.output()).toContain('lineworks> ひとりで')
    expect(chat.output()).not.toContain('line> ')
  })

  test('starts the bot that is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
    writeFileSync(
      join(folder, 'bot.ts'),
      "import { defineBot } from 'hookline'\nexport default defineBot((bot) => bot.on('text', (ctx) => ctx.reply('mine')))",
    )
    const chat = await hookline(['chat', 'line', '--bot', join(folder, 'bot.ts')])
    chat.child.stdin.end('who is it?\n')
    expect(await chat.ended).toBe(0)
    expect(chat.output()).toContain('line> mine')
  })

  test('refuses a platform that does not exist', async () => {
    const { code, output } = await runToEnd(cli, {}, ['chat', 'slack'])
    expect(code).toBe(1)
    expect(output).toContain('Allowed choices are line, lineworks, tocaro')
  })
})

describe('hookline emulator', () => {
  test('plays the accounts of the environment and tells what a bot must be given', async () => {
    const emulator = await hookline(['emulator'], {
      LINE_CHANNEL_SECRET: 'from-the-environment',
      LOG_LEVEL: 'warn',
    })
    await eventually(() => expect(emulator.output()).toMatch(/TOCARO_SIGNING_SECRET="\w+"/))
    expect(emulator.output()).toContain(
      `LINE_API_BASE_URL="http://127.0.0.1:${emulator.ports.EMULATOR_PORT}"`,
    )
    const info = await fetch(`http://127.0.0.1:${emulator.ports.EMULATOR_PORT}/__emulator`)
    expect(await info.text()).not.toContain('from-the-environment')
    emulator.child.kill('SIGTERM')
    expect(await emulator.ended).toBe(0)
  })

  test('names the address at which others reach it, where that is another than the one it listens on', async () => {
    const emulator = await hookline(['emulator'], { EMULATOR_URL: 'http://emulator:3002', LOG_LEVEL: 'warn' })
    await eventually(() => expect(emulator.output()).toContain('TOCARO_API_BASE_URL='))
    expect(emulator.output()).toContain('LINE_API_BASE_URL="http://emulator:3002"')
    emulator.child.kill('SIGTERM')
    expect(await emulator.ended).toBe(0)
  })
})

describe('hookline verify tocaro', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack({ workers: 0 })
  })
  afterAll(() => stack.stop())

  const verify = (path: string, secret: string) =>
    runToEnd(cli, {}, ['verify', 'tocaro', '--url', `${stack.ingress.url}${path}`, '--secret', secret])

  test('passes an endpoint that answers the handshake and refuses a wrong token', async () => {
    const { code, output } = await verify('/events', stack.env['TOCARO_SIGNING_SECRET'] ?? '')
    expect(output).toContain('✓ a wrong token is refused: answered 401')
    expect(output).toContain('This URL can be registered.')
    expect(code).toBe(0)
  })

  test.each([
    ['/events', 'wrong-secret', 'answered 401, must be 200: check the path and the secret'],
    ['/nowhere', 'any', 'answered 404, must be 200'],
  ])('fails at %s with %s and says why', async (path, secret, words) => {
    const { code, output } = await verify(path, secret)
    expect(output).toContain(words)
    expect(code).toBe(1)
  })

  test('fails an endpoint that echoes the challenge to anybody', async () => {
    const { createServer: http } = await import('node:http')
    const careless = http((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        const { challenge } = JSON.parse(body) as { challenge: string }
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ challenge }))
      })
    }).listen(0, '127.0.0.1')
    await once(careless, 'listening')
    const { port } = careless.address() as AddressInfo
    const { code, output } = await runToEnd(cli, {}, [
      'verify',
      'tocaro',
      '--url',
      `http://127.0.0.1:${port}/`,
      '--secret',
      's',
    ])
    expect(output).toContain('✗ a wrong token is refused: answered 200 with the challenge')
    expect(code).toBe(1)
    careless.close()
  })
})
