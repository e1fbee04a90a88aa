import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listDeadLetters } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { testRedisUrl } from '../support/redis'
import { type Stack, killLeftovers, runToEnd, startService, startStack } from '../support/stack'

afterAll(killLeftovers)

/** A bot file of the test's own, in a folder of its own. */
function botFile(source: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hookline-bot-')), 'bot.ts')
  writeFileSync(file, source)
  return file
}

const lineBot = { LINE_CHANNEL_SECRET: 's', LINE_CHANNEL_ACCESS_TOKEN: 't' }

describe('a process that can not start', () => {
  test('says everything that is missing, and ends', async () => {
    const { code, output } = await runToEnd('dist/apps/ingress/main.js', {
      LINEWORKS_BOT_ID: '1',
      LINE_CHANNEL_ID: '2',
    })
    expect(code).toBe(1)
    for (const name of ['REDIS_URL', 'LINE_CHANNEL_SECRET', 'LINEWORKS_BOT_SECRET'])
      expect(output).toContain(name)
    expect(output).not.toContain('    at ')
  })

  test('names the file, the line and the reason when the bot file is broken', async () => {
    const file = botFile(
      `import { defineBot } from 'hookline'\n\nexport default defineBot((bot) => {\n  bot.on('text' (ctx) => 1)\n})\n`,
    )
    const { code, output } = await runToEnd('dist/apps/worker/main.js', {
      ...lineBot,
      REDIS_URL: testRedisUrl(),
      HOOKLINE_BOT: file,
    })
    expect(code).toBe(1)
    expect(output).toMatch(new RegExp(`${file}:4:\\d+ can't be used: .*Unexpected token`))
  })

  test('names the setting when its port is taken', async () => {
    const stack = await startStack({ workers: 0 })
    const { port } = new URL(stack.ingress.url)
    const { code, output } = await runToEnd('dist/apps/ingress/main.js', { ...stack.env, INGRESS_PORT: port })
    await stack.stop()
    expect([code, output.split('\n').at(-2)]).toEqual([
      1,
      `Port ${port} on 127.0.0.1 is in use by another program. Set INGRESS_PORT to another port.`,
    ])
  })
})

describe('a running stack', () => {
  let stack: Stack
  afterEach(() => stack.stop())
  const said = (text: string) =>
    stack.emulator.ledger.messages().filter((entry) => JSON.stringify(entry.messages).includes(text)).length

  test('ends in an orderly way on SIGTERM, after the handler at hand', async () => {
    const file = botFile(`import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.on('text', async (ctx) => {
    await ctx.push('working on ' + ctx.text)
    await new Promise((resolve) => setTimeout(resolve, 700))
    await ctx.reply('done with ' + ctx.text)
  })
})`)
    stack = await startStack({ env: { HOOKLINE_BOT: file } })
    await stack.emulator.say({ platform: 'line', text: 'one' })
    await stack.emulator.say({ platform: 'line', text: 'two' })
    await eventually(() => expect(said('working on one')).toBe(1))
    expect(await stack.workers[0]?.end('SIGTERM')).toBe(0)
    expect(said('done with one')).toBe(1)
    expect(said('two')).toBe(0)
    expect(await stack.ingress.end('SIGTERM')).toBe(0)
    // The next worker goes on with the rest.
    await stack.addWorker()
    await eventually(() => expect(said('done with two')).toBe(1))
  })

  test('is forced to leave by a second signal', async () => {
    const file = botFile(`import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => { await ctx.push('stuck'); await new Promise(() => undefined) }))`)
    stack = await startStack({ env: { HOOKLINE_BOT: file } })
    await stack.emulator.say({ platform: 'line', text: 'x' })
    await eventually(() => expect(said('stuck')).toBe(1))
    const worker = stack.workers[0]!
    worker.process.kill('SIGTERM')
    await eventually(() => expect(worker.output()).toContain('"stopping"'))
    expect(await worker.end('SIGTERM')).toBe(1)
    expect(worker.output()).toContain('second signal')
  })

  test('hands the lane of a killed worker to another within ten seconds', async () => {
    const file = botFile(`import { defineBot } from 'hookline'
let runs = 0
export default defineBot((bot) => bot.on('text', async (ctx) => {
  if (ctx.text === 'kill me') {
    await ctx.push('still here')
    if (process.env.VICTIM) await new Promise(() => undefined)
  }
  await ctx.reply('answer to ' + ctx.text)
}))`)
    stack = await startStack({ workers: 0, env: { HOOKLINE_BOT: file, VICTIM: '1' } })
    const victim = await stack.addWorker()
    await stack.emulator.say({ platform: 'line', text: 'kill me' })
    await stack.emulator.say({ platform: 'line', text: 'and then me' })
    await eventually(() => expect(said('still here')).toBe(1))
    delete stack.env['VICTIM']
    const killedAt = Date.now()
    await victim.end('SIGKILL')
    await stack.addWorker()
    await eventually(() => expect(said('answer to kill me') + said('answer to and then me')).toBe(2))
    expect(Date.now() - killedAt).toBeLessThan(20_000)
    // The push before the crash carried a retry key: LINE showed it once.
    expect(said('still here')).toBe(1)
  })

  test('parks the item that kills its workers and lets those beside it through', async () => {
    const file = botFile(`import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => {
  if (ctx.text === 'poison') setTimeout(() => process.exit(9), 200)
  await new Promise((resolve) => setTimeout(resolve, 600))
  await ctx.reply('answer to ' + ctx.text)
}))`)
    stack = await startStack({ workers: 0, env: { HOOKLINE_BOT: file } })
    const users = ['u1', 'u2', 'u3', 'u4']
    await stack.emulator.say({ platform: 'lineworks', user: 'bad', text: 'poison' })
    for (const user of users) await stack.emulator.say({ platform: 'lineworks', user, text: `hello ${user}` })
    const isParked = async () =>
      (await listDeadLetters(stack.redis, 'lineworks')).map((letter) => letter.reason)
    for (let restarts = 0; restarts < 8 && (await isParked()).length === 0; restarts++) {
      const worker = await stack.addWorker()
      await Promise.race([
        once(worker.process, 'exit'),
        eventually(async () => expect(await isParked()).toHaveLength(1)),
      ])
    }
    if (stack.workers.at(-1)?.process.exitCode !== null) await stack.addWorker()
    await eventually(() =>
      expect(users.map((user) => said(`answer to hello ${user}`) > 0)).toEqual([true, true, true, true]),
    )
    expect(await isParked()).toEqual(['crashed'])
  }, 120_000)

  test('says that it is not ready while Redis is away, takes events all the same, and is ready again when it is back', async () => {
    const way = await switchableWay(testRedisUrl())
    stack = await startStack({ env: { REDIS_URL: way.url }, workers: 0, ready: false })
    const ready = await fetch(`${stack.ingress.url}/readyz`)
    expect([ready.status, JSON.stringify(await ready.json())]).toEqual([
      503,
      expect.stringContaining('Redis connection is'),
    ])
    expect(await stack.emulator.say({ platform: 'line', text: 'kept' })).toMatchObject({ delivered: true })
    expect((await fetch(`${stack.ingress.url}/healthz`)).status).toBe(200)
    way.open()
    await eventually(async () => expect((await fetch(`${stack.ingress.url}/readyz`)).status).toBe(200))
    expect(await stack.emulator.say({ platform: 'line', text: 'stored' })).toMatchObject({ delivered: true })
    await way.close()
  })
})

test('a worker ends at once when it is told to while Redis is away', async () => {
  const worker = await startService('worker', { ...lineBot, REDIS_URL: 'redis://127.0.0.1:1' }, false)
  expect((await fetch(`${worker.url}/readyz`)).status).toBe(503)
  expect(await worker.end('SIGTERM')).toBe(0)
})

/** A port that leads to Redis only once it was opened. */
async function switchableWay(target: string) {
  const { hostname, port } = new URL(target)
  let isOpen = false
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (!isOpen) return socket.destroy()
    const onward = connect(Number(port), hostname)
    onward.on('error', () => undefined)
    socket.pipe(onward).pipe(socket)
    return sockets.add(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}/14`,
    open: () => {
      isOpen = true
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
