import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { PlatformName } from '#libs/contract'
import { type Emulator, baseUrlEnv, createDevAccounts, startEmulator } from '#libs/emulator'
import { type Balancer, startBalancer } from '../support/balancer'
import { eventually } from '../support/eventually'
import { testRedisUrl } from '../support/redis'
import { type Service, killLeftovers, startService } from '../support/stack'

const dir = mkdtempSync(join(tmpdir(), 'hookline-rolling-'))
const configFile = join(dir, 'hookline.config.yaml')
const redisUrl = `${testRedisUrl()}/${(Number(process.env['JEST_WORKER_ID'] ?? '1') % 15) + 1}`

/** The bot that is added on the way has an account of its own, at another emulator. */
interface Setting {
  balancer: Balancer
  emulator: Emulator
  lateEmulator: Emulator
  redis: Redis
  env: Record<string, string>
}
let setting: Setting

beforeAll(async () => {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null })
  await redis.flushdb()
  const balancer = await startBalancer()
  const dev = createDevAccounts({ ingressUrl: balancer.url })
  const { line } = createDevAccounts({ ingressUrl: balancer.url }).accounts
  const settings = { lineworksRatePerMinute: 100_000 }
  const emulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts: dev.accounts, settings })
  const lateAccounts = { line: { ...line, webhookUrl: `${balancer.url}/webhooks/late` } }
  const lateEmulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts: lateAccounts })
  writeFileSync(join(dir, 'bot.ts'), botFile)
  writeFileSync(join(dir, 'late-secret'), line.channelSecret)
  lateBot = lateBot.replace('ID', line.channelId).replace('URL', lateEmulator.url)
  const env = {
    ...dev.env,
    ...baseUrlEnv(emulator.url),
    ...{ REDIS_URL: redisUrl, HOOKLINE_CONFIG: configFile, HOOKLINE_JOURNAL_DIR: join(dir, 'journal') },
    SHUTDOWN_DELAY: '2',
  }
  setting = { balancer, emulator, lateEmulator, redis, env }
})
afterAll(async () => {
  killLeftovers()
  const { emulator, lateEmulator, balancer, redis } = setting
  await Promise.all([emulator.close(), lateEmulator.close(), balancer.close(), redis.quit()])
  rmSync(dir, { recursive: true, force: true })
})

/** Takes its time, so that a worker that is told to stop is in the middle of something. */
const botFile = `import { defineBot } from 'hookline'
export default defineBot((bot) => bot.on('text', async (ctx) => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  await ctx.reply(ctx.text)
}))`

const firstBots = `
bots:
  line:
    platform: line
    handler: ./bot.ts
    channelId: \${LINE_CHANNEL_ID}
    channelSecret: \${LINE_CHANNEL_SECRET}
  lineworks:
    platform: lineworks
    handler: ./bot.ts
    botId: \${LINEWORKS_BOT_ID}
    botSecret: \${LINEWORKS_BOT_SECRET}
    clientId: \${LINEWORKS_CLIENT_ID}
    clientSecret: \${LINEWORKS_CLIENT_SECRET}
    serviceAccount: \${LINEWORKS_SERVICE_ACCOUNT}
    privateKey: \${LINEWORKS_PRIVATE_KEY}
    limits: { perMinute: 6000 }
  tocaro:
    platform: tocaro
    handler: ./bot.ts
    signingSecret: \${TOCARO_SIGNING_SECRET}
    accessToken: \${TOCARO_ACCESS_TOKEN}
    botUser: \${TOCARO_BOT_USER}
    limits: { perMinute: 6000 }
    muteAfter: 0
`
let lateBot = `
  late:
    platform: line
    handler: ./bot.ts
    channelId: ID
    channelSecret: \${file:./late-secret}
    apiBaseUrl: URL
`

/** So many texts without an answer, and a person waits: else a fast ingress takes more than the workers can answer in time. */
const mostUnanswered = 30

/** Somebody who writes one text after the other, until told to stop. */
interface Talk {
  name: string
  texts: string[]
  refused: string[]
  /** What the bot answered, in order. */
  answers: () => string[]
  end: () => Promise<void>
}

function talk(platform: PlatformName, number: number, emulator: Emulator): Talk {
  const user = platform === 'line' ? `U${String(number).padStart(32, '0')}` : `ususer${number}`
  const room = platform === 'tocaro' ? `grgroup${number}` : undefined
  const texts: string[] = []
  const refused: string[] = []
  let isOver = false
  const answers = () =>
    emulator.ledger
      .messages({ platform, conversation: room ?? user })
      .flatMap(({ messages = [] }) => messages.map((message) => String((message as { text?: string }).text)))
  const waits = () => !isOver && texts.length - answers().length > mostUnanswered
  const run = async () => {
    for (let i = 0; !isOver; i++) {
      while (waits()) await new Promise((next) => setTimeout(next, 20))
      const text = `text ${i}`
      const said = await emulator.say({ platform, user, text, ...(room === undefined ? {} : { room }) })
      texts.push(text)
      await new Promise((next) => setTimeout(next, 20))
      if (!said.delivered) refused.push(`${text}: ${said.status} ${said.outcome}`)
    }
  }
  const running = run()
  return {
    name: `${platform} ${number}`,
    texts,
    refused,
    answers,
    end: () => {
      isOver = true
      return running
    },
  }
}

/** The texts that a conversation has seen answered go on growing. */
const goesOn = async (talks: Talk[]) => {
  const before = talks.map(({ answers }) => answers().length)
  await eventually(() =>
    talks.forEach((each, i) => expect(each.answers().length).toBeGreaterThan(before[i]! + 3)),
  )
}

test('every process is replaced and a bot is added, and every event is taken and answered once, in order', async () => {
  const { balancer, emulator, lateEmulator, env } = setting
  const startIngress = async () => {
    const ingress = await startService('ingress', env)
    balancer.add(ingress.url)
    return ingress
  }
  writeFileSync(configFile, firstBots)
  const ingresses = [await startIngress(), await startIngress()]
  const workers = [await startService('worker', env), await startService('worker', env)]
  await eventually(async () => expect((await fetch(`${balancer.url}/readyz`)).status).toBe(200))
  balancer.failures.splice(0)
  const talks = [0, 1, 2, 3, 4, 5].map((i) =>
    talk((['line', 'lineworks', 'tocaro'] as const)[i % 3]!, i, emulator),
  )
  await goesOn(talks)

  // A mistake in the config changes nothing.
  writeFileSync(configFile, firstBots + lateBot.replace('platform: line', 'platform: lime'))
  await hangUp(ingresses, 'the config was not read again')
  writeFileSync(configFile, firstBots + lateBot)
  await hangUp(ingresses, 'config was read again')
  const newcomers = [7, 8].map((i) => talk('line', i, lateEmulator))
  await eventually(() => newcomers.forEach(({ texts }) => expect(texts.length).toBeGreaterThan(3)))
  // No worker knows the bot yet: its events are taken and wait.
  expect(newcomers.flatMap(({ answers }) => answers())).toEqual([])
  talks.push(...newcomers)

  for (const worker of workers.splice(0)) {
    expect(await worker.end('SIGTERM')).toBe(0)
    workers.push(await startService('worker', env))
    await goesOn(talks)
  }
  for (const ingress of ingresses.splice(0)) {
    const next = await startIngress()
    expect(await ingress.end('SIGTERM')).toBe(0)
    ingresses.push(next)
    await eventually(() => expect(balancer.handed.get(next.url)).toBeGreaterThan(3))
    await goesOn(talks)
  }

  await Promise.all(talks.map((each) => each.end()))
  expect(talks.flatMap(({ name, refused }) => refused.map((what) => `${name}: ${what}`))).toEqual([])
  expect(balancer.failures).toEqual([])
  await eventually(() =>
    talks.forEach((each) => expect(each.answers().length).toBeGreaterThanOrEqual(each.texts.length)),
  )
  for (const each of talks) expect([each.name, each.answers()]).toEqual([each.name, each.texts])

  writeFileSync(configFile, firstBots)
  await hangUp(ingresses, '"removed":["late"]')
  expect(await lateEmulator.say({ platform: 'line', text: 'anybody?' })).toMatchObject({ status: 401 })
  await Promise.all([...ingresses, ...workers].map((service) => service.end()))
}, 180_000)

/** Sends SIGHUP and waits for the line that tells how it ended. */
async function hangUp(services: Service[], line: string): Promise<void> {
  for (const service of services) service.process.kill('SIGHUP')
  await eventually(() => services.forEach((service) => expect(service.output()).toContain(line)))
}
