import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface ChildOptions {
  file: string
  args: string[]
  env: Record<string, string>
  cwd: string
  /** Gets everything that the process prints. */
  logFile: string
  onLine?: (line: string) => void
  /** With a channel for messages to a preloaded file. */
  channel?: boolean
}

/** The processes that this run started, so that none outlives it. */
export interface Children {
  start(options: ChildOptions): ChildProcess
  /** Ends all at once, without a chance to finish. */
  killAll(): void
}

export function createChildren(): Children {
  const alive = new Set<ChildProcess>()
  return {
    start: ({ file, args, env, cwd, logFile, onLine, channel = false }) => {
      const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', ...ipc(channel)] })
      alive.add(child)
      child.once('exit', () => alive.delete(child))
      const log = createWriteStream(logFile, { flags: 'a' })
      for (const stream of [child.stdout, child.stderr]) {
        if (!stream) continue
        stream.pipe(log, { end: false })
        if (onLine) createInterface({ input: stream }).on('line', onLine)
      }
      child.once('close', () => log.end())
      return child
    },
    killAll: () => {
      for (const child of alive) child.kill('SIGKILL')
    },
  }
}

function ipc(channel: boolean): 'ipc'[] {
  return channel ? ['ipc'] : []
}
