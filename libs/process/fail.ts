import { HooklineError } from '#libs/contract'

/** Ends a process that can't start: the reason in plain words for a person, a stack only for a bug. */
export function failStart(error: unknown): never {
  if (error instanceof HooklineError) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
