export interface Recent {
  note(): void
  count(): number
}

/** Counts what happened within the last `withinMs`, as far as `most`. */
export function createRecent(withinMs: number, most: number): Recent {
  const times: number[] = []
  return {
    note: () => {
      times.push(performance.now())
      if (times.length > most) times.shift()
    },
    count: () => {
      const from = performance.now() - withinMs
      const first = times.findIndex((time) => time > from)
      times.splice(0, first < 0 ? times.length : first)
      return times.length
    },
  }
}
