import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { PlatformName } from '#libs/contract'
import { bucketBounds } from '#libs/observability'
import type { AlertsView, DeadLetterPage } from '../../apps/console/api-types'
import { type DevStack, startDevStack } from '../../libs/cli/dev-stack'
import { logIn } from '../support/console-client'
import type { Act, ChatLine, Deed, PageFaultRequest, PageState } from '../../libs/emulator/page-types'
import { eventually } from '../support/eventually'

/** A stack that something happens on, for pictures. */
export interface Scene {
  emulator: string
  console: string
  password: string
  /** Paths of the console: a conversation in which a message had to wait, and a dead letter. */
  conversation: string
  deadLetter: string
  stop(): Promise<void>
}

/** Starts everything in a folder of its own, with a flower shop's bot, and has an hour of it gone by. */
export async function startScene(): Promise<Scene> {
  const cwd = mkdtempSync(join(tmpdir(), 'hookline-scene-'))
  const said: string[] = []
  const print = (source: string, line: string) => void said.push(`${source} ${line}`)
  const stack = await startDevStack({ env: await sceneEnv(), cwd, print }).catch((error: unknown) => {
    process.stderr.write(`${said.join('\n')}\n`)
    throw error
  })
  const stop = async () => {
    await stack.stop()
    rmSync(cwd, { recursive: true, force: true })
  }
  try {
    const password = stack.consolePassword ?? ''
    await anHourOfCounts(stack)
    const { emulator, console } = stack.urls
    const lane = await play(emulator)
    const deadLetter = await untilTold(console, password)
    const conversation = `/conversations/lineworks/${encodeURIComponent(lane)}`
    return { emulator, console, password, conversation, deadLetter, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** No setting of the developer's own shell; two tries, so that a dead letter takes a second. */
async function sceneEnv(): Promise<NodeJS.ProcessEnv> {
  const names = ['INGRESS_PORT', 'EMULATOR_PORT', 'WORKER_PORT', 'CONSOLE_PORT']
  const ports = await Promise.all(names.map(async (name) => [name, await freePort()] as const))
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...Object.fromEntries(ports),
    // This file runs below dist; a bot needs no build.
    HOOKLINE_BOT: join(__dirname, '../../../tests/browser/scene-bot.ts'),
    RETRY_ATTEMPTS: '2',
    ALERT_OLDEST_ITEM: '20',
    // Nobody listens: the rules are looked at all the same.
    ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/alerts',
  }
}

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(String(typeof address === 'object' && address ? address.port : 0)))
    })
  })
}

/** What a shop's morning would have counted: a stack that is a minute old has empty plots. */
async function anHourOfCounts({ privateRedisUrl }: DevStack): Promise<void> {
  const redis = new Redis(privateRedisUrl ?? '')
  const now = Math.floor(Date.now() / 60_000)
  const busy = { line: 46, lineworks: 21, tocaro: 6 }
  const [, fast = 0, usual = 0, slow = 0] = bucketBounds.ack
  for (const [bot, mean] of Object.entries(busy))
    for (let ago = 59; ago > 0; ago--) {
      const wave = 1 + 0.3 * Math.sin(ago / 7 + mean) + 0.12 * Math.sin(ago * 2.4)
      const events = Math.round(mean * wave)
      const limited = bot === 'lineworks' && ago % 23 === 9 ? 1 : 0
      const key = `{hookline:${bot}}:minute:${now - ago}`
      const counts = { events, 'item:done': events, 'send:sent': events, limited }
      const acks = { [`ack:${fast}`]: events - 4, [`ack:${usual}`]: 3, [`ack:${slow}`]: 1 }
      const [wait = 0] = bucketBounds.wait
      await redis.hset(key, { ...counts, ...acks, [`wait:${wait}`]: events })
      await redis.expire(key, 7200)
    }
  await redis.quit()
}

async function ask<T>(url: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

const customers = ['佐藤 美咲', '鈴木 健太', '高橋 陽菜', '田中 翔', '伊藤 さくら', '渡辺 大輔']
const words = [
  '明日の午前中に届きますか?',
  '先日はありがとうございました',
  '母の誕生日に花束を贈りたいです',
  '配送状況を教えてください',
  '3,000 円くらいのブーケはありますか?',
  '営業時間を教えてください',
]

/** What users do on the phones. Answers with the conversation in which a message had to wait. */
async function play(emulator: string): Promise<string> {
  const page = `${emulator}/__emulator/page`
  const does = (platform: PlatformName, user: string, deed: Deed) => {
    const act: Act = { platform, user, does: deed }
    return ask<{ line?: ChatLine }>(`${page}/act`, act)
  }
  const says = (platform: PlatformName, user: string, said: string) =>
    does(platform, user, { kind: 'text', text: said })
  const fault = (request: PageFaultRequest) => ask(`${page}/faults`, request)

  for (const [i, customer] of customers.entries()) {
    await says('line', customer, words[i] ?? '')
    if (i % 2 === 0) await says('lineworks', customer, words[(i + 2) % words.length] ?? '')
  }
  await says('tocaro', '佐藤 美咲', '本日の配送は予定どおりですか?')
  for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
    await says(platform, 'Hanako', 'こんにちは')
    await untilShown(page, platform, '担当者に確認')
    await says(platform, 'Hanako', '今日のおすすめは?')
    await untilShown(page, platform, 'おすすめ')
  }
  const order = { type: 'postback', label: '注文する', data: 'do=order', displayText: '注文する' }
  await does('line', 'Hanako', { kind: 'tap', action: order })
  await untilShown(page, 'line', 'お届け日')
  for (const [i, customer] of customers.slice(0, 4).entries())
    await says(i === 2 ? 'tocaro' : 'line', customer, '納品書を再発行していただけますか?')

  await says('lineworks', '鈴木 健太', '先日はありがとうございました')
  await untilShown(page, 'lineworks', 'またのご利用')

  // One message that waits a few seconds for its turn, and is sent then.
  await fault({ platform: 'lineworks', kind: '429', delayMs: 6000, count: 1 })
  const { line } = await says('lineworks', '鈴木 健太', '注文番号 1042 の配送状況を教えてください')
  await untilShown(page, 'lineworks', 'ご注文 1042')
  // Then the platform closes for long, and the conversations of four people wait.
  await fault({ platform: 'lineworks', kind: '429', delayMs: 1_200_000, durationMs: 3_600_000 })
  for (const [i, customer] of customers.slice(2).entries()) await says('lineworks', customer, words[i] ?? '')
  return line?.lane ?? ''
}

/** Until the bot's words are on a phone. */
async function untilShown(page: string, platform: PlatformName, shown: string): Promise<void> {
  await eventually(async () => {
    const { platforms } = (await (await fetch(`${page}/state`)).json()) as PageState
    const lines = platforms.find((phone) => phone.platform === platform)?.lines ?? []
    const ofBot = JSON.stringify(lines.filter(({ from }) => from.kind === 'bot'))
    if (!ofBot.includes(shown)) throw new Error(`${platform} does not show ${shown}`)
  })
}

/** Until the console knows of dead letters and alerts (two looks in a row, 15 s apart). Answers with a letter's path. */
async function untilTold(url: string, password: string): Promise<string> {
  const client = await logIn(url, 'operator', password)
  const read = async <T>(path: string) => (await (await client.get(path)).json()) as T
  return eventually(async () => {
    const { letters } = await read<DeadLetterPage>('/api/dead-letters')
    const { firing } = await read<AlertsView>('/api/alerts')
    const letter = letters.find(({ bot }) => bot === 'line')
    if (letters.length < 4 || firing.length < 3 || !letter)
      throw new Error(`There are ${letters.length} dead letters and ${firing.length} alerts.`)
    return `/dead-letters/line/${letter.id}`
  }, 120_000)
}
