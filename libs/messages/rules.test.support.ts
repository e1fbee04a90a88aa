/** What an action throws; undefined when it throws nothing. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}

export const https = (length: number): string => 'https://e.com/'.padEnd(length, 'a')
export const letters = (length: number): string => 'あ'.repeat(length)
export const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
