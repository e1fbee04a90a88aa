import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

afterAll(killLeftovers)

const folder = mkdtempSync(join(tmpdir(), 'hookline-state-'))
const ledger = join(folder, 'effects')
const file = join(folder, 'bot.ts')
writeFileSync(
  file,
  `import { appendFileSync } from 'node:fs'
import { defineBot } from 'hookline'
const effect = (name: string) => appendFileSync(process.env.LEDGER!, name + '\\n')
const hang = () => new Promise(() => undefined)
export default defineBot({ session: { start: () => ({ n: 0 }) } }, (bot) => {
  bot.hears(/^count/, async (ctx) => {
    ctx.session.n += 1
    await ctx.once('mail', () => effect('mail for ' + ctx.text))
    ctx.after('1s', 'later', { of: ctx.text })
    if (ctx.text === 'count and die' && process.env.VICTIM) { effect('dying'); await hang() }
    await ctx.reply('counted ' + ctx.session.n)
  })
  bot.on('timer:later', (ctx) => ctx.reply('later: ' + JSON.stringify(ctx.data) + ' at ' + ctx.session.n))
  bot.hears('order', (ctx) => ctx.start('order'))
  bot.dialogue('order', async (talk) => {
    const what = await talk.ask('What?')
    const id = await talk.once('save', () => { effect('saved ' + what); return 7 })
    if (what === 'poison' && process.env.VICTIM) { effect('dying'); await hang() }
    await talk.say('order ' + id + ' of ' + what)
    const sure = await talk.ask('Sure?')
    await talk.say('it is ' + sure)
  })
})
`,
)

let stack: Stack
afterEach(() => stack.stop())

const effects = () => readFileSync(ledger, 'utf8').split('\n').filter(Boolean)
const told = (text: string) =>
  stack.emulator.ledger
    .messages()
    .filter((entry) => JSON.stringify(entry.messages).includes(JSON.stringify(text).slice(1, -1))).length
const say = (text: string) => stack.emulator.say({ platform: 'line', user: 'u1', text })

async function startWithVictim() {
  writeFileSync(ledger, '')
  const env = { HOOKLINE_BOT: file, LEDGER: ledger, VICTIM: '1', LINE_REPLY_FALLBACK: 'park' }
  stack = await startStack({ workers: 0, env })
  const victim = await stack.addWorker()
  delete stack.env['VICTIM']
  return async () => {
    await eventually(() => expect(effects()).toContain('dying'))
    await stack.addWorker()
    await victim.end('SIGKILL')
  }
}

test('a handler that runs again after a crash counts once, mails once and sets its timer once', async () => {
  const crash = await startWithVictim()
  await say('count')
  await eventually(() => expect(told('counted 1')).toBe(1))
  // A timer has no reply token: its answer is a push, whatever becomes of late replies.
  await eventually(() => expect(told('later: {"of":"count"} at 1')).toBe(1))
  await say('count and die')
  await crash()
  await eventually(() => expect(told('counted 2')).toBe(1))
  await eventually(() => expect(told('later: {"of":"count and die"} at 2')).toBe(1))
  expect(effects()).toEqual(['mail for count', 'mail for count and die', 'dying'])
  expect(told('later')).toBe(2)
})

test('a dialogue goes on where it was when its worker died, and a timer outlives all workers', async () => {
  const crash = await startWithVictim()
  await say('order')
  await eventually(() => expect(told('What?')).toBe(1))
  await say('poison')
  await crash()
  await eventually(() => expect(told('Sure?')).toBe(1))
  await say('count me')
  await eventually(() => expect(told('it is count me')).toBe(1))
  expect(effects()).toEqual(['saved poison', 'dying'])
  expect([told('What?'), told('order 7 of poison')]).toEqual([1, 1])

  await say('count')
  await eventually(() => expect(told('counted 1')).toBe(1))
  await Promise.all(stack.workers.map((worker) => worker.end('SIGKILL')))
  await stack.addWorker()
  await eventually(() => expect(told('later: {"of":"count"} at 1')).toBe(1))
})
