import { styleText } from 'node:util'

/** What a command works with: nothing else of the process is read or written. */
export interface Terminal {
  env: NodeJS.ProcessEnv
  cwd: string
  input: NodeJS.ReadStream
  out: NodeJS.WriteStream
}

export type Format = Parameters<typeof styleText>[0]
export type Paint = (format: Format, text: string) => string

type Output = NodeJS.WritableStream & { isTTY?: boolean }

/** Colours where a person looks: not in a pipe or a dumb terminal, not with NO_COLOR or `--no-color`. */
export function hasColours(out: Output, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0'
  return out.isTTY === true && env['TERM'] !== 'dumb'
}

export function painter(out: Output, env: NodeJS.ProcessEnv): Paint {
  // Node itself would judge by stdout alone.
  return hasColours(out, env)
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_format, text) => text
}

/** Columns for tables; what is no terminal gets lines as long as they are. */
export function widthOf(out: NodeJS.WriteStream): number {
  return out.isTTY ? out.columns : Infinity
}

/** `… | head` has read enough. */
export function onUnread(out: NodeJS.WriteStream, then: () => void): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    then()
  })
}

/** The process ends right after a command, and a pipe may still be full. */
export function flushed(out: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => out.write('', () => done()))
}

/** JSON that can be printed on a terminal: the control characters that JSON allows are escaped too. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
