const baseMs = 1000
const capMs = 5 * 60_000

/**
 * How long to wait after the `failures`-th failed try: 1, 2, 4, 8 … s, at most 5 min, each drawn from
 * [half, whole] so that lanes that failed together do not come back together. Milliseconds.
 */
export function retryDelay(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
  return Math.round(whole * (1 - random() / 2))
}
