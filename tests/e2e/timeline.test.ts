import { writeFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Step, Story } from '#libs/contract'
import { findStories, readTimeline, waitOfLane, waitingStories } from '#libs/mailbox'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

let stack: Stack
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookline-timeline-'))
  writeFileSync(
    join(folder, 'bot.js'),
    `const { defineBot } = require('hookline')
module.exports.default = defineBot((bot) => {
  bot.hears('throw', () => { throw new Error('they said their PIN') })
  bot.hears('look', async (ctx) => { await ctx.api({ method: 'GET', path: '/v2/bot/info' }); await ctx.reply('looked') })
  bot.on('text', (ctx) => ctx.reply('You said ' + ctx.text))
})
`,
  )
})
afterEach(async () => {
  await stack.stop()
})
afterAll(() => {
  killLeftovers()
  rmSync(folder, { recursive: true, force: true })
})

const start = (env: Record<string, string> = {}) =>
  startStack({ env: { HOOKLINE_BOT: join(folder, 'bot.js'), HOOKLINE_TIMELINE: 'text', ...env } }).then(
    (started) => (stack = started),
  )

const ended = async (bot: string, count = 1): Promise<Story[]> =>
  eventually(async () => {
    const { stories } = await findStories(stack.redis, { bot })
    expect(stories).toHaveLength(count)
    return stories
  })

const names = ({ steps }: Story) => steps.map(({ name }) => name)
const step = (story: Story | undefined, name: Step['name'], nth = 0) =>
  story?.steps.filter((one) => one.name === name)[nth]

test('a story has every step of the way, the fetch of a token and the wait after a 429 among them', async () => {
  await start()
  stack.emulator.faults.add({
    platform: 'lineworks',
    operation: 'users.messages',
    kind: '429',
    count: 1,
    delayMs: 3000,
  })
  await stack.emulator.say({ platform: 'lineworks', user: 'kana', text: 'first' })
  await stack.emulator.say({ platform: 'lineworks', user: 'kana', text: 'second' })

  const waiting = await eventually(async () => {
    const stories = await waitingStories(stack.redis, { bot: 'lineworks', lane: 'user:kana', most: 10 })
    expect(stories).toHaveLength(2)
    expect(stories[0]).toMatchObject({ state: 'waiting', reason: 'closed' })
    return stories
  })
  expect(waiting[0]?.steps.at(-1)).toEqual({ name: 'waited', at: expect.any(Number), code: 'closed' })
  expect((await waitOfLane(stack.redis, 'lineworks', 'user:kana'))?.reason).toBe('closed')

  const [second, first] = await ended('lineworks', 2)
  expect(names(first!)).toEqual(
    'received verified stored waited handler permit token send waited permit send delivered'.split(' '),
  )
  expect(step(first, 'waited')).toMatchObject({ code: 'worker' })
  expect(step(first, 'send')).toMatchObject({
    operation: 'users.messages',
    status: 429,
    code: 'api_rate_limited',
  })
  expect(step(first, 'waited', 1)?.code).toBe('closed')
  // The first second of the wait is what any platform asks for; how long it is told is the emulator's affair.
  expect(step(first, 'waited', 1)?.ms).toBeGreaterThanOrEqual(900)
  expect(step(first, 'send', 1)).toMatchObject({ status: 201, ms: expect.any(Number) })
  expect(step(first, 'send', 1)).not.toHaveProperty('code')
  expect(first).toMatchObject({
    ...{ state: 'done', text: 'first', failures: 0 },
    answers: [{ operation: 'users.messages', state: 'sent', messages: 1, text: 'You said first' }],
  })
  expect(step(second, 'waited')).toMatchObject({ code: 'behind_others' })
  expect(names(second!)).not.toContain('token')
  for (const { steps } of [first!, second!]) {
    const begins = steps.map(({ at }) => at)
    expect(begins).toEqual([...begins].sort((a, b) => a - b))
    for (const { ms } of steps) if (ms !== undefined) expect(ms).toBeGreaterThanOrEqual(0)
  }
}, 150_000)

test('calls of a handler and its failures are steps, and LINE names its requests', async () => {
  await start({ RETRY_ATTEMPTS: '1' })
  await stack.emulator.say({ platform: 'line', user: 'kana', text: 'look' })
  const [looked] = await ended('line')
  expect(names(looked!)).toEqual(expect.arrayContaining(['handler', 'permit', 'api', 'send', 'delivered']))
  expect(step(looked, 'api')).toMatchObject({ operation: 'GET /v2/bot/info', status: 200 })
  expect(step(looked, 'send')).toMatchObject({
    operation: 'reply',
    status: 200,
    requestId: expect.any(String),
  })
  await stack.emulator.say({ platform: 'line', user: 'kana', text: 'throw' })
  const [thrown] = await ended('line', 2)
  expect(thrown).toMatchObject({ state: 'parked', reason: 'attempts_used_up', failures: 1 })
  expect(step(thrown, 'handler')).toMatchObject({ code: 'handler_threw' })
  expect(JSON.stringify(thrown)).not.toContain('PIN')
}, 150_000)

test('metadata has no word; a bot keeps what it is told to; erasing asks first', async () => {
  await start({ HOOKLINE_TIMELINE: 'metadata', LINE_TIMELINE: 'none', TOCARO_TIMELINE: 'text' })
  await eventually(async () => {
    expect(await readTimeline(stack.redis, 'line')).toEqual({ keep: 'none', days: 7, items: 10_000 })
    expect((await readTimeline(stack.redis, 'lineworks')).keep).toBe('metadata')
  })
  for (const platform of ['line', 'lineworks', 'tocaro'] as const)
    await stack.emulator.say({ platform, user: 'kana', text: 'a word' })
  await ended('lineworks')
  const [told] = await ended('tocaro')
  expect(told?.text).toBe('a word')
  const kept = await stack.redis.hvals('{hookline:lineworks}:stories')
  expect(kept.join()).not.toContain('a word')
  await eventually(() => expect(stack.emulator.ledger.messages({ platform: 'line' })).toHaveLength(1))
  const ofLine = await stack.redis.keys('{hookline:line}:*')
  expect(ofLine.filter((key) => /stor(ies|y)|conversations/.test(key))).toEqual([])

  const erase = ['erase', '--bot', 'tocaro', '--user', told?.userId ?? '']
  const asked = await runToEnd('dist/libs/cli/main.js', stack.env, erase)
  expect(asked).toMatchObject({
    code: 2,
    output: expect.stringContaining('Nothing was done; --yes does it.'),
  })
  const done = await runToEnd('dist/libs/cli/main.js', stack.env, [...erase, '--yes', '--json'])
  expect(done.code).toBe(0)
  expect(JSON.parse(done.output)).toMatchObject({ bot: 'tocaro', stories: 1, deadLetters: 0, waiting: 0 })
  expect((await stack.redis.hvals('{hookline:tocaro}:stories')).join()).not.toContain('a word')
  const nobody = await runToEnd('dist/libs/cli/main.js', stack.env, [
    'erase',
    '--bot',
    'nobody',
    '--user',
    'U',
  ])
  expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('There is no bot "nobody"') })
}, 150_000)
