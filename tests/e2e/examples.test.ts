import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { PlatformName } from '#libs/contract'
import { type Emulator, createDevAccounts, startEmulator } from '#libs/emulator'
import { eventually } from '../support/eventually'
import { testRedisUrl } from '../support/redis'
import { type Service, killLeftovers, root, startService } from '../support/stack'

/** Each example as one bot of one configuration; the bridge has two. */
const examples: Record<string, { file: string; platform: PlatformName }> = {
  echo: { file: 'echo', platform: 'line' },
  hello: { file: 'hello', platform: 'tocaro' },
  'reply-and-push': { file: 'reply-and-push', platform: 'line' },
  'default-answer': { file: 'default-answer', platform: 'line' },
  'lineworks-echo': { file: 'lineworks-echo', platform: 'lineworks' },
  'lineworks-to-user': { file: 'lineworks-to-user', platform: 'lineworks' },
  'lineworks-to-room': { file: 'lineworks-to-room', platform: 'lineworks' },
  'lineworks-menu': { file: 'lineworks-menu', platform: 'lineworks' },
  'tocaro-keywords': { file: 'tocaro-keywords', platform: 'tocaro' },
  order: { file: 'order', platform: 'lineworks' },
  'order-dialogue': { file: 'order-dialogue', platform: 'tocaro' },
  approval: { file: 'approval', platform: 'lineworks' },
  line: { file: 'bridge', platform: 'line' },
  lineworks: { file: 'bridge', platform: 'lineworks' },
  announcement: { file: 'announcement', platform: 'line' },
  assistant: { file: 'assistant', platform: 'line' },
}

const emulators: Record<string, Emulator> = {}
const services: Service[] = []
const folder = mkdtempSync(join(tmpdir(), 'hookline-examples-'))
let redis: Redis

/** The settings of each bot, with variables for the credentials. */
function settingsOf(name: string): object {
  const { file, platform } = examples[name] ?? { file: '', platform: 'line' }
  const url = emulators[name]?.url ?? 'http://127.0.0.1:1'
  const handler = join(root, 'bots', `${file}.ts`)
  const own = {
    line: {
      ...{ channelId: '${LINE_CHANNEL_ID}', channelSecret: '${LINE_CHANNEL_SECRET}' },
      ...{ apiBaseUrl: url, dataApiBaseUrl: url },
    },
    lineworks: {
      ...{ botId: '${LINEWORKS_BOT_ID}', botSecret: '${LINEWORKS_BOT_SECRET}' },
      ...{ clientId: '${LINEWORKS_CLIENT_ID}', clientSecret: '${LINEWORKS_CLIENT_SECRET}' },
      ...{ serviceAccount: '${LINEWORKS_SERVICE_ACCOUNT}', privateKey: '${LINEWORKS_PRIVATE_KEY}' },
      ...{ apiBaseUrl: `${url}/v1.0`, authBaseUrl: `${url}/oauth2/v2.0` },
    },
    tocaro: {
      ...{ signingSecret: '${TOCARO_SIGNING_SECRET}', accessToken: '${TOCARO_ACCESS_TOKEN}' },
      ...{ botUser: '${TOCARO_BOT_USER}', muteAfter: 0, limits: { perMinute: 6000 }, apiBaseUrl: url },
    },
  }
  return { platform, handler, ...own[platform] }
}

beforeAll(async () => {
  const redisUrl = `${testRedisUrl()}/${(Number(process.env['JEST_WORKER_ID'] ?? '1') % 15) + 1}`
  redis = new Redis(redisUrl)
  await redis.flushdb()
  const { accounts, env: credentials } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
  const config = join(folder, 'config.yaml')
  const journal = join(folder, 'journal')
  const env = {
    ...{ ...credentials, REDIS_URL: redisUrl, HOOKLINE_CONFIG: config, HOOKLINE_JOURNAL_DIR: journal },
  }
  const start = async (service: 'ingress' | 'worker') => {
    const names = Object.keys(examples)
    const bots = Object.fromEntries(names.map((name) => [name, settingsOf(name)]))
    // YAML takes JSON.
    writeFileSync(config, JSON.stringify({ bots }))
    const started = await startService(service, env)
    services.push(started)
    return started
  }
  const ingress = await start('ingress')
  for (const [name, { platform }] of Object.entries(examples)) {
    const account = { ...accounts[platform], webhookUrl: `${ingress.url}/webhooks/${name}` }
    emulators[name] = await startEmulator({ host: '127.0.0.1', port: 0, accounts: { [platform]: account } })
  }
  await start('worker')
})

afterAll(async () => {
  await Promise.all(services.map((service) => service.end('SIGKILL')))
  await Promise.all(Object.values(emulators).map((emulator) => emulator.close()))
  await redis.quit()
  rmSync(folder, { recursive: true, force: true })
  killLeftovers()
})

function emulatorOf(bot: string): Emulator {
  const emulator = emulators[bot]
  if (!emulator) throw new Error(`no example ${bot}`)
  return emulator
}

const say = (bot: string, text: string, more: { user?: string; room?: string } = {}) =>
  emulatorOf(bot).say({ platform: examples[bot]?.platform ?? 'line', text, ...more })

const send = (bot: string, event: Record<string, unknown>) =>
  emulatorOf(bot).sendEvent({ platform: examples[bot]?.platform ?? 'line', events: [event] })

/** What users of this bot saw so far, with where they saw it. */
const seen = (bot: string) =>
  emulatorOf(bot)
    .ledger.messages()
    .flatMap(({ messages = [], conversation }) =>
      messages.map((message) => ({ where: conversation?.id, what: JSON.stringify(message) })),
    )

const sees = (bot: string, words: string, where?: string) =>
  eventually(() => {
    const found = seen(bot).filter(({ what }) => what.includes(words))
    const there = where === undefined ? found : found.filter((one) => one.where === where)
    if (there.length === 0) throw new Error(`${bot} said ${JSON.stringify(seen(bot))}, not ${words}`)
    return there
  })

/** A tap of a LINE WORKS button arrives as a text with data. */
const tap = (bot: string, { text, postback, ...source }: Record<'text' | 'postback' | 'userId', string>) =>
  send(bot, { type: 'message', source, content: { type: 'text', text, postback } })

test('every example is run here', () => {
  const files = readdirSync(join(root, 'bots')).filter((name) => /^[^.]+\.ts$/.test(name))
  expect(new Set(Object.values(examples).map(({ file }) => `${file}.ts`))).toEqual(new Set(files))
})

const someone = '7d5b0e7e-54a6-4f3b-8c2b-1d0f4f5f9a01'
const customer = `U${'0123456789abcdef'.repeat(2)}`

/** What is said to an example, and what comes of it. Spread, as jest would fill a missing `where` with `done`. */
test.each<[bot: string, said: string, words: string, where?: string]>([
  ['echo', 'こんにちは', 'こんにちは'],
  ['hello', 'ping', 'pong'],
  ['reply-and-push', '相談です', '「相談です」ですね。'],
  ['reply-and-push', `/push ${customer} お届けしました`, 'お届けしました', customer],
  ['default-answer', 'どうも', 'メッセージ: どうも'],
  ['lineworks-echo', 'お疲れさまです', 'お疲れさまです'],
  ['lineworks-to-user', `/send ${someone} 会議です`, '伝言です: 会議です', someone],
  ['lineworks-to-room', '/news 棚卸しです', '【お知らせ】棚卸しです', 'news-room'],
  ['tocaro-keywords', '有給の申請は？', '休暇の申請はこちら'],
  // By the hour of the test: 担当者が確認します, or お返事します.
  ['announcement', 'こんにちは', 'します。'],
])('%s, told "%s", says "%s"', async (...[bot, said, words, where]) => {
  expect(await say(bot, said)).toMatchObject({ delivered: true })
  await sees(bot, words, where)
})

test('default-answer answers a sticker', async () => {
  await send('default-answer', { message: { type: 'sticker', packageId: '1', stickerId: '2' } })
  await sees('default-answer', '文字のメッセージだけ')
})

test('lineworks-menu takes the choices of its menu', async () => {
  await tap('lineworks-menu', { userId: someone, text: '勤怠を報告', postback: 'menu=attendance' })
  await sees('lineworks-menu', 'どちらを報告しますか。')
  await tap('lineworks-menu', { userId: someone, text: '出勤', postback: 'attendance=in' })
  await sees('lineworks-menu', '出勤を記録しました。')
})

test.each([
  ['order', ['注文', '紅茶', '2'], '紅茶 2 つ、承りました。'],
  ['order-dialogue', ['注文', '紅茶', '2', 'はい'], '承りました。番号は'],
])('%s takes an order', async (bot, answers, words) => {
  for (const answer of answers) {
    const before = seen(bot).length
    await say(bot, answer)
    await eventually(() => expect(seen(bot).length).toBeGreaterThan(before))
  }
  await sees(bot, words)
})

test('approval asks the approver and tells the requester', async () => {
  const approver = '0d3f9a52-7c11-4e0b-9a77-f1c2aa01be10'
  await say('approval', '申請 出張', { user: someone })
  const [question] = await sees('approval', '申請が届きました', approver)
  const { actions } = JSON.parse(question?.what ?? '{}') as { actions: { postback: string }[] }
  await tap('approval', { userId: approver, text: '承認する', postback: actions[0]?.postback ?? '' })
  await sees('approval', '「出張」は承認されました。', someone)
})

test('bridge carries words from LINE to LINE WORKS and back, each once', async () => {
  await say('line', '在庫はありますか', { user: customer })
  await sees('lineworks', '在庫はありますか', 'staff-room')
  const source = { userId: someone, channelId: 'staff-room' }
  const content = { type: 'text', text: '返信する', postback: `reply=${customer}` }
  await send('lineworks', { type: 'message', source, content })
  await sees('lineworks', 'お客様に届きます', 'staff-room')
  await say('lineworks', 'はい、ございます', { user: someone, room: 'staff-room' })
  await sees('line', '【担当者】はい、ございます', customer)
  expect(seen('line')).toHaveLength(1)
  // The words, the button, the hint.
  expect(seen('lineworks')).toHaveLength(3)
})

test('assistant stops when its question is taken back, and is there for the next', async () => {
  const progress = () => seen('assistant').filter(({ what }) => what.includes('ご質問を読んでいます。'))
  await send('assistant', { message: { type: 'text', id: '500000000000000001', text: '社外秘' } })
  await eventually(() => expect(progress()).toHaveLength(1))
  await send('assistant', { type: 'unsend', unsend: { messageId: '500000000000000001' } })
  const takenBackAt = Date.now()
  await say('assistant', '次の質問')
  // The next one would wait for 20 s if the first were still answered.
  await eventually(() => expect(progress()).toHaveLength(2))
  expect(Date.now() - takenBackAt).toBeLessThan(15_000)
  expect(seen('assistant')).toHaveLength(2)
  expect(services.map((service) => service.output()).join('')).toMatch(/"outcome":"done","reason":"unsent"/)
})
