import type { BotOverview, FiringAlert, Overview } from '../../apps/console/api-types'
import { needsOf } from './verdict'

const well: Overview = {
  at: 0,
  bots: [],
  alerts: [],
  processes: { ingress: 1, worker: 1, console: 1, versions: ['1'] },
  redis: { ok: true },
  journal: { events: 0, bytes: 0, maxBytes: 1 },
}
const alert = (changed: Partial<FiringAlert>): FiringAlert => ({
  rule: 'dead_letters',
  since: 5,
  severity: 'warning',
  words: 'x',
  ...changed,
})

test('nothing needs anybody', () => {
  expect(needsOf(well)).toEqual([])
})

test('the critical first, then the longest', () => {
  const alerts = [
    alert({ rule: 'ack_slow', since: 9 }),
    alert({ since: 2, bot: 'a b' }),
    alert({ rule: 'redis_down', severity: 'critical', since: 20 }),
  ]
  expect(needsOf({ ...well, alerts }).map(({ rule, href }) => [rule, href])).toEqual([
    ['redis_down', '/health'],
    ['dead_letters', '/dead-letters?bot=a%20b'],
    ['ack_slow', '/alerts'],
  ])
})

test('what the overview shows needs somebody also before an alert fires, and once only', () => {
  const redis = { ok: false, words: 'connect ECONNREFUSED' }
  expect(needsOf({ ...well, redis })).toEqual([
    { rule: 'redis_down', severity: 'critical', href: '/health', words: 'connect ECONNREFUSED' },
  ])
  const alerts = [alert({ rule: 'redis_down', severity: 'critical' })]
  expect(needsOf({ ...well, redis, alerts })).toHaveLength(1)
})

test('dead letters and a failing platform are told before a rule fires, once for each bot', () => {
  const bot = (changed: Partial<BotOverview>): BotOverview => ({
    bot: 'shop',
    state: 'works',
    eventsPerMinute: 0,
    waiting: { lanes: 0, items: 4, oldestAgeMs: 0 },
    sends: { sent: 0, failed: 0, limited: 0, maybe: 0 },
    limited: 0,
    budgets: [],
    breaker: { state: 'closed', heldForMs: 0 },
    deadLetters: 0,
    timers: 0,
    journaled: 0,
    ...changed,
  })
  const bots = [bot({ state: 'failing' }), bot({ bot: 'desk', deadLetters: 3 }), bot({ bot: 'idle' })]
  const told = needsOf({ ...well, bots, alerts: [alert({ bot: 'other' })] })
  expect(told.map(({ rule, bot: of, value }) => [rule, of, value])).toEqual([
    ['dead_letters', 'other', undefined],
    ['breaker_open', 'shop', 4],
    ['dead_letters', 'desk', 3],
  ])
  expect(needsOf({ ...well, bots: [bots[1]!], alerts: [alert({ bot: 'desk' })] })).toHaveLength(1)
})

test('an alert about a bot leads to the bot', () => {
  const [need] = needsOf({ ...well, alerts: [alert({ rule: 'oldest_item', bot: '営業/部' })] })
  expect(need?.href).toBe(`/bots/${encodeURIComponent('営業/部')}`)
})
