/** What was told one by one and is passed on together. */
export interface Gathered<T> {
  add(one: T): void
  /** Passes on at once what there is; commands that are given later come after it. */
  flush(): void
}

export interface GatherLimits {
  /** So long one waits for others: milliseconds. */
  withinMs: number
  /** At so many they are passed on at once. */
  atMost: number
}

/** For what Redis may hear a moment later: a command for each would cost as much as the rest of what is done for it. */
export function createGathered<T>(tell: (all: T[]) => void, { withinMs, atMost }: GatherLimits): Gathered<T> {
  let all: T[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const gathered = all
    all = []
    if (gathered.length > 0) tell(gathered)
  }
  return {
    flush,
    add: (one) => {
      all.push(one)
      if (all.length >= atMost) flush()
      else timer ??= setTimeout(flush, withinMs).unref()
    },
  }
}
