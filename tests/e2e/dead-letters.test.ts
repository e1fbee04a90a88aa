import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeadLetter } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

let stack: Stack
afterEach(() => stack.stop())
afterAll(killLeftovers)

/** Throws at every text until the operator has fixed it. */
function brokenBot(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'hookline-bot-')), 'bot.ts')
  writeFileSync(
    file,
    `import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.on('text', async (ctx) => {
    if (ctx.text === '進捗') await ctx.push('確認しています')
    if (!process.env.FIXED) throw new Error('the shop is closed')
    await ctx.reply('答え: ' + ctx.text)
  })
})`,
  )
  return file
}

const deadLetters = (...args: string[]) =>
  runToEnd('dist/libs/cli/main.js', { REDIS_URL: stack.env['REDIS_URL'] ?? '' }, ['dead-letters', ...args])

async function listed(...args: string[]): Promise<DeadLetter[]> {
  const { code, output } = await deadLetters('list', '--json', ...args)
  expect(code).toBe(0)
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DeadLetter)
}

const said = (platform: 'line' | 'lineworks' | 'tocaro') =>
  stack.emulator.ledger
    .messages({ platform })
    .flatMap(({ messages = [] }) => messages.map((message) => (message as { text?: string }).text))

async function replaceWorker(env: Record<string, string>): Promise<void> {
  await stack.workers[0]?.end('SIGTERM')
  Object.assign(stack.env, env)
  await stack.addWorker()
}

test('a bot that throws: its letters are listed, shown, and after the fix replayed', async () => {
  stack = await startStack({ env: { HOOKLINE_BOT: brokenBot(), RETRY_ATTEMPTS: '1' } })
  expect(await deadLetters('list')).toMatchObject({ code: 0, output: 'There are no dead letters.\n' })

  await stack.emulator.say({ platform: 'lineworks', text: '進捗' })
  await stack.emulator.say({ platform: 'tocaro', text: 'いつ届きますか' })
  await eventually(async () => expect(await listed()).toHaveLength(2))
  const metrics = await (await fetch(`${stack.workers[0]!.url}/metrics`)).text()
  expect(metrics).toContain('hookline_dead_letters{bot="lineworks"} 1')

  const [letter] = await listed('--platform', 'lineworks')
  const table = await deadLetters('list', '--reason', 'attempts_used_up', '--since', '1h')
  expect(table.output).toContain(letter!.id.slice(0, 8))
  expect(table.output).toMatch(/lineworks.*attempts_used_up +1 +"進捗"/)
  expect(table.output).toContain('2 dead letters.')
  const story = (await deadLetters('show', letter!.id.slice(0, 8))).output
  expect(story).toContain('handler  handler_threw\n    Error: the shop is closed')
  expect(story).toMatch(/✓ sent +users\.messages to user .*\n +"確認しています"/)

  // Without --yes a script only learns what would happen.
  const dry = await deadLetters('replay', '--reason', 'attempts_used_up')
  expect(dry.output).toContain('was sent, is not sent again: "確認しています"')
  expect(dry.output).toContain('2 of 2 dead letters would be replayed.\nNothing was done; --yes does it.')
  expect(dry.code).toBe(2)
  expect(await listed()).toHaveLength(2)

  // Replayed before the fix it comes back as a letter that knows its past.
  await deadLetters('replay', letter!.id, '--yes')
  await eventually(async () => {
    const [again] = await listed('--bot', 'lineworks')
    expect(again).toMatchObject({ item: { replays: 1, failures: 1, attempts: [{}, {}] } })
    expect(again?.id).not.toBe(letter!.id)
  })

  await replaceWorker({ FIXED: '1' })
  const done = await deadLetters('replay', '--all', '--yes')
  expect(done.output).toContain('Replayed 2 dead letters.')
  expect(done.code).toBe(0)
  await eventually(() => expect(said('tocaro')).toEqual(['答え: いつ届きますか']))
  await eventually(() => expect(said('lineworks')).toEqual(['確認しています', '答え: 進捗']))
  expect(await listed()).toEqual([])
})

test('LINE: no reply token is shown, and a reply that has lost its token stays unless it may be pushed', async () => {
  stack = await startStack({
    env: { HOOKLINE_BOT: brokenBot(), FIXED: '1' },
    settings: { replyTokenLifeMs: 0 },
  })
  await stack.emulator.say({ platform: 'line', text: 'ping' })
  await eventually(async () => expect(await listed()).toMatchObject([{ reason: 'reply_token_expired' }]))
  const stored = Object.values(await stack.redis.hgetall('{hookline:line}:dead-letters')).join('')
  const token = /"replyToken":\{"token":"([^"]+)"/.exec(stored)?.[1] ?? ''
  expect(token.length).toBeGreaterThan(8)

  const [letter] = await listed()
  const outputs = [
    JSON.stringify(letter),
    (await deadLetters('show', letter!.id)).output,
    (await deadLetters('show', letter!.id, '--json')).output,
  ]
  for (const output of outputs) expect(output).not.toContain(token)

  const stays = await deadLetters('replay', '--all', '--yes')
  expect(stays.output).toContain('stays: no reply token carries this any more; --push')
  expect(stays.output).toContain('0 of 1 dead letter would be replayed; 1 would stay.')
  expect(stays.code).toBe(2)
  expect(await listed()).toHaveLength(1)
  const pushed = await deadLetters('replay', '--all', '--push')
  expect(pushed.output).toMatch(/pushes 1 message to user \S+ \(billed.*: "答え: ping"/)
  expect(pushed.code).toBe(2)
})

test('many are discarded at once, and only those that are meant', async () => {
  stack = await startStack({ env: { HOOKLINE_BOT: brokenBot(), RETRY_ATTEMPTS: '1' } })
  for (let i = 0; i < 25; i++) await stack.emulator.say({ platform: 'lineworks', text: `text ${i}` })
  await stack.emulator.say({ platform: 'tocaro', text: 'stays' })
  await eventually(async () => expect(await listed()).toHaveLength(26))

  const dry = await deadLetters('discard', '--bot', 'lineworks')
  expect(dry.output).toContain('… and 5 more')
  expect(dry.output).toContain('25 dead letters would be discarded, for good.')
  expect(dry.code).toBe(2)
  const done = await deadLetters('discard', '--bot', 'lineworks', '--yes')
  expect(done.output).toContain('Discarded 25 dead letters.')
  expect(done.code).toBe(0)
  expect(await listed()).toMatchObject([{ bot: 'tocaro' }])
  expect(await deadLetters('discard', '--bot', 'lineworks', '--yes')).toEqual({
    code: 2,
    output: 'No dead letter matches.\n',
  })
})

test('thousands are written to a pipe whole', async () => {
  stack = await startStack({ workers: 0 })
  const writes = stack.redis.pipeline()
  for (let i = 0; i < 5000; i++) {
    const event = {
      type: 'text',
      text: 'x'.repeat(500),
      platform: 'line',
      conversation: { kind: 'user', id: 'U1' },
    }
    const item = { event, pushes: [], calls: [], attempts: [], failures: 0 }
    const letter = {
      id: String(i),
      bot: 'shop',
      lane: 'user:U1',
      parkedAt: i,
      reason: 'crashed',
      explanation: '',
      item,
    }
    writes.hset('{hookline:shop}:dead-letters', letter.id, JSON.stringify(letter))
    writes.zadd('{hookline:shop}:dead-letter-times', i, letter.id)
  }
  await writes.exec()
  const ids = (await listed()).map(({ id }) => Number(id))
  expect(ids).toEqual(Array.from({ length: 5000 }, (_, i) => 4999 - i))
})

describe('a mistake is told in plain words', () => {
  const refused: [string[], string][] = [
    [['show', 'ffff'], 'No dead letter has an id that starts with "ffff"'],
    [['replay', ''], 'No dead letter has an id that starts with ""'],
    [['replay', '--yes'], 'Say which dead letters: ids, or filters'],
    [['discard', 'aaaa', '--all', '--yes'], 'Say which dead letters'],
    [['show', 'aaaa'], '"aaaa" is the start of 2 ids'],
    [['list', '--reason', 'rejcted'], 'No dead letter has the reason "rejcted". Reasons there are: crashed.'],
    [['list', '--bot', 'shpo'], 'Bots that have some: shop.'],
    [['list', '--since', 'yesterday'], 'Give a span such as 30m, 2h or 3d'],
    [['list', '--limit', '0'], 'Give a whole number from 1'],
  ]

  test('unknown and ambiguous ids, reasons, bots, times', async () => {
    stack = await startStack({ workers: 0 })
    for (const id of ['aaaa1111-1', 'aaaa1111-2']) {
      const event = { type: 'text', text: id, platform: 'line', conversation: { kind: 'user', id: 'U1' } }
      const item = { event, pushes: [], calls: [], attempts: [], failures: 0 }
      const letter = {
        id,
        bot: 'shop',
        lane: 'user:U1',
        parkedAt: 1,
        reason: 'crashed',
        explanation: '',
        item,
      }
      await stack.redis.hset('{hookline:shop}:dead-letters', id, JSON.stringify(letter))
      await stack.redis.zadd('{hookline:shop}:dead-letter-times', 1, id)
    }
    const answers = await Promise.all(refused.map(([args]) => deadLetters(...args)))
    answers.forEach(({ code, output }, i) => {
      expect(output).toContain(refused[i]?.[1])
      expect(output).not.toContain('    at ')
      expect(code).toBe(1)
    })
    // Ids that look alike are shown with as much as tells them apart.
    expect((await deadLetters('list')).output).toMatch(/^aaaa1111-2 .*\naaaa1111-1 /m)
    expect((await deadLetters('list', '--limit', '1')).output).toContain('2 dead letters, the newest 1 shown')
    expect(await deadLetters('list', '--reason', 'rejected')).toMatchObject({
      code: 0,
      output: 'No dead letter matches.\n',
    })
  })

  test('Redis that is not there', async () => {
    stack = await startStack({ workers: 0 })
    const run = (env: Record<string, string>) =>
      runToEnd('dist/libs/cli/main.js', env, ['dead-letters', 'list'])
    const gone = await run({ REDIS_URL: 'redis://user:hidden@127.0.0.1:1' })
    expect(gone.output).toContain("Redis at 127.0.0.1:1 can't be used: connect ECONNREFUSED")
    expect(gone.output).not.toContain('hidden')
    expect(gone.code).toBe(1)
    expect((await run({})).output).toContain('REDIS_URL')
  })
})
