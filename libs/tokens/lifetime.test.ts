import { refreshFrom, refreshPauseMs, usableUntil } from './lifetime'

const grant = (seconds: number) => ({
  token: 't',
  mintedAt: 1_000_000,
  expiresAt: 1_000_000 + seconds * 1000,
})

test.each([
  ['a day', 86_400, 69_120, 86_395, 30_000],
  ['an hour', 3600, 2880, 3595, 30_000],
  ['a quarter', 900, 720, 895, 18_000],
  ['ten seconds', 10, 8, 9.5, 200],
])('a token of %s is refreshed, ends and pauses in proportion', (_name, life, refresh, end, pauseMs) => {
  expect((refreshFrom(grant(life)) - 1_000_000) / 1000).toBeCloseTo(refresh)
  expect((usableUntil(grant(life)) - 1_000_000) / 1000).toBeCloseTo(end)
  expect(refreshPauseMs(grant(life))).toBeCloseTo(pauseMs)
})
