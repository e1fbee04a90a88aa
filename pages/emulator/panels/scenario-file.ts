import type { Scenario } from '../../../libs/emulator/page-types'

/** What a file says; an Error in words for a person where it is no scenario. The emulator checks each step when it plays. */
export function readScenario(text: string): Scenario {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new Error('not JSON')
  }
  if (!isScenario(read)) throw new Error('no scenario')
  return read
}

function isScenario(read: unknown): read is Scenario {
  if (typeof read !== 'object' || read === null) return false
  const { version, name, steps } = read as Record<string, unknown>
  return version === 1 && typeof name === 'string' && Array.isArray(steps) && steps.every(isStep)
}

function isStep(step: unknown): boolean {
  if (typeof step !== 'object' || step === null) return false
  const { afterMs, do: deed } = step as Record<string, unknown>
  return typeof afterMs === 'number' && typeof deed === 'string'
}

/** `Three messages at 429!` → `three-messages-at-429.json`. */
export function fileNameOf(name: string): string {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return `${plain || 'scenario'}.json`
}
