import type { Forecast } from '../../apps/console/api-types'
import { forecastWords } from './forecast'

const now = new Date(2026, 6, 1, 14, 20).getTime()
const forecast: Forecast = {
  emptyAt: now + 12 * 60_000,
  bottleneck: 'limit',
  inPerMinute: 80,
  donePerMinute: 240,
}
const said = (changed: Partial<Forecast>, language: 'en' | 'ja' = 'en', waiting = 4567) =>
  forecastWords({ forecast: { ...forecast, ...changed }, waiting, platform: 'LINE WORKS', now }, language)

test('when it drains, and that more workers do not help', () => {
  expect(said({})).toBe(
    'Drains at 14:32 (in 12 min); the LINE WORKS limit is the bottleneck, more workers will not help.',
  )
  expect(said({}, 'ja')).toBe(
    '14:32 ごろ(12 分後)に片付く見込みです。LINE WORKS のレート制限が原因なので、worker を増やしても速くなりません。',
  )
})

test('when it does not drain', () => {
  const words = forecastWords(
    {
      forecast: { bottleneck: 'workers', inPerMinute: 80, donePerMinute: 40 },
      waiting: 9,
      platform: 'LINE',
      now,
    },
    'en',
  )
  expect(words).toBe('Does not drain: 80 arrive per minute, 40 are done; too few workers: start more.')
})

test('a bot that a person stopped is not said to drain', () => {
  expect(said({ bottleneck: 'paused' })).toBe('4,567 wait; the bot is paused until somebody resumes it.')
  expect(said({ bottleneck: 'held' }, 'ja')).toBe(
    '4,567 件が待っています。送信は保留中です。解除するまで送信されません。',
  )
})

test('without a bottleneck only the time is said', () => {
  expect(said({ bottleneck: 'none', emptyAt: now + 5000 })).toBe('Drains within a minute.')
})

test('nothing waits, and nothing is known', () => {
  expect(said({}, 'en', 0)).toBe('Nothing waits.')
  expect(forecastWords({ forecast: undefined, waiting: 3, platform: 'LINE', now }, 'en')).toBe('3 wait.')
})
