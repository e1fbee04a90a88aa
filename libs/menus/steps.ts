import type { ApiRequest, ApiResponse } from '#libs/contract'

/** Makes one call of the bot's platform. */
export type Call = (request: ApiRequest) => Promise<ApiResponse>

/** One thing that applying does. */
export interface Step {
  /** `+` new, `~` changed, `-` removed. */
  sign: '+' | '~' | '-'
  /** What it is about: `rich menu main`. */
  what: string
  /** What differs, one line each. */
  details: string[]
  run(): Promise<void>
}

/** What applying would do, in order; nothing when the platform already has what the file says. */
export interface Plan {
  steps: Step[]
  /** What stays as it is. */
  unchanged: string[]
  /** Menus that were not made by `hookline menu`; they are left alone. */
  foreign: string[]
}

/** Does the steps in order; tells of each before it is done. Rejects at the first that fails. */
export async function apply(plan: Plan, tell: (step: Step) => void): Promise<void> {
  for (const step of plan.steps) {
    tell(step)
    await step.run()
  }
}

/** Paths of the fields that differ, with both values: `areas.0.action.data: "a" → "b"`. */
export function differences(before: unknown, after: unknown, path = ''): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (!isObject(before) || !isObject(after)) return [`${path}: ${shown(before)} → ${shown(after)}`]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap((key) =>
    differences(fieldOf(before, key), fieldOf(after, key), path === '' ? key : `${path}.${key}`),
  )
}

/** Equal whatever the order of the fields: JSON of an API keeps none. */
export function isSame(a: unknown, b: unknown): boolean {
  return differences(a, b).length === 0
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function fieldOf(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key]
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value)
}
