import type { FiringAlert, Overview } from '../../apps/console/api-types'
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

test('an alert about a bot leads to the bot', () => {
  const [need] = needsOf({ ...well, alerts: [alert({ rule: 'oldest_item', bot: '営業/部' })] })
  expect(need?.href).toBe(`/bots/${encodeURIComponent('営業/部')}`)
})
