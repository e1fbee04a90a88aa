import type { BotOverview } from '../../apps/console/api-types'
import { filterBots, inKnownOrder, sortBots, troublesOf } from './bot-troubles'

const well: BotOverview = {
  bot: 'shop',
  platform: 'line',
  state: 'works',
  eventsPerMinute: 4,
  ack: { p50Ms: 3, p99Ms: 20, deadlineMs: 2000 },
  waiting: { lanes: 0, items: 0, oldestAgeMs: 0 },
  sends: { sent: 100, failed: 0, limited: 0, maybe: 0 },
  limited: 0,
  budgets: [],
  breaker: { state: 'closed', heldForMs: 0 },
  deadLetters: 0,
  timers: 0,
  workers: 1,
  journaled: 0,
}
const names = (bot: Partial<BotOverview>) => troublesOf({ ...well, ...bot }).map(({ name }) => name)
const waiting = { lanes: 2, items: 9, oldestAgeMs: 1000 }

test('a bot that works has no trouble', () => {
  expect(names({})).toEqual([])
})

test.each<[string, Partial<BotOverview>, string[]]>([
  ['fails', { state: 'failing' }, ['failing']],
  ['has nobody to work', { workers: 0, waiting }, ['no_worker']],
  ['has workers that are not known', { waiting }, []],
  ['answers at the deadline', { ack: { p50Ms: 3, p99Ms: 2000, deadlineMs: 2000 } }, ['ack_late']],
  ['answers at half of it', { ack: { p50Ms: 3, p99Ms: 1000, deadlineMs: 2000 } }, ['ack_near']],
  ['has no known deadline', { ack: { p50Ms: 3, p99Ms: 9000 } }, []],
  [
    'gets more than it does',
    { waiting, forecast: { bottleneck: 'workers', inPerMinute: 9, donePerMinute: 1 } },
    ['grows'],
  ],
  ['waits for a minute', { waiting: { ...waiting, oldestAgeMs: 60_000 } }, ['waits']],
  ['waits for five', { waiting: { ...waiting, oldestAgeMs: 300_000 } }, ['old']],
  [
    'waits because it is paused',
    { state: 'paused', waiting: { ...waiting, oldestAgeMs: 300_000 } },
    ['paused'],
  ],
  ['fails one send of a hundred', { sends: { sent: 99, failed: 1, limited: 0, maybe: 0 } }, []],
  ['fails one of ten', { sends: { sent: 9, failed: 1, limited: 0, maybe: 0 } }, ['sends_fail']],
  [
    'used up its quota',
    {
      budgets: [
        { operation: 'push', used: 1, limit: 2, windowMs: 1000, closed: { reason: 'quota', forMs: 9 } },
      ],
    },
    ['quota'],
  ],
])('a bot that %s', (_what, bot, expected) => {
  expect(names(bot)).toEqual(expected)
})

test('the worst trouble stands first, then many small ones, then names', () => {
  const bots = [
    { ...well, bot: 'b10' },
    { ...well, bot: 'b2' },
    { ...well, bot: 'letters', deadLetters: 1, journaled: 1 },
    { ...well, bot: 'one', deadLetters: 1 },
    { ...well, bot: 'failing', state: 'failing' as const },
  ]
  expect(sortBots(bots, 'trouble').map(({ bot }) => bot)).toEqual(['failing', 'letters', 'one', 'b2', 'b10'])
  expect(sortBots(bots, 'name').map(({ bot }) => bot)).toEqual(['b2', 'b10', 'failing', 'letters', 'one'])
})

test('filters by name, platform and trouble', () => {
  const bots = [well, { ...well, bot: 'Helpdesk', platform: 'lineworks' as const, deadLetters: 2 }]
  const found = (filter: Parameters<typeof filterBots>[1]) => filterBots(bots, filter).map(({ bot }) => bot)
  expect(found({ name: ' HELP ' })).toEqual(['Helpdesk'])
  expect(found({ platform: 'line' })).toEqual(['shop'])
  expect(found({ onlyTrouble: true })).toEqual(['Helpdesk'])
  expect(found({})).toEqual(['shop', 'Helpdesk'])
})

test('keeps the order on screen; new bots come last', () => {
  const bots = ['new', 'a', 'b'].map((bot) => ({ ...well, bot }))
  expect(inKnownOrder(bots, ['b', 'a']).map(({ bot }) => bot)).toEqual(['b', 'a', 'new'])
})
