import { HooklineError } from '#libs/contract'

/** One thing that is wrong: `place what. fix.` reads as two sentences. Never holds a secret. */
export interface Problem {
  place: string
  what: string
  fix: string
}

/** All problems in one error, so that one start shows everything there is to mend; `hints` may explain them. */
export function configError(problems: Problem[], source: string, hints: string[] = []): HooklineError {
  const lines = new Set(problems.map(({ place, what, fix }) => `  - ${place} ${what}. ${sentence(fix)}`))
  const count = lines.size === 1 ? '1 problem' : `${lines.size} problems`
  return new HooklineError(
    'config_invalid',
    [`Settings (from ${source}): ${count}`, ...lines, ...hints.map((hint) => `  Hint: ${hint}`)].join('\n'),
  )
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}
