import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ChildOptions {
  name: string
  /** JavaScript file to run. */
  file: string
  args?: string[]
  env: NodeJS.ProcessEnv
  cwd: string
  /** Gets each line that the child prints. */
  print: (line: string) => void
}

export interface Child {
  name: string
  pid: number | undefined
  /** Resolves with the exit code, or the signal's name, when the process has ended. */
  ended: Promise<number | string>
  /** The first message that the child sends. */
  firstMessage: Promise<unknown>
  send(message: string): void
  /** Returns how to stop listening. */
  onMessage(listener: (message: unknown) => void): () => void
  /** Asks it to end; kills it when it has not within `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>
  /** Ends it at once, without a chance to finish. */
  kill(): void
}

/**
 * Starts a process in a group of its own, so that Ctrl-C reaches `hookline dev` alone, which then ends
 * the processes in order. The IPC channel tells the child when its parent is gone, however that died.
 */
export function startChild({ name, file, args = [], env, cwd, print }: ChildOptions): Child {
  const child = fork(file, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', print)
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  return {
    ...{ name, pid: child.pid, ended },
    firstMessage: new Promise((resolve) => child.once('message', resolve)),
    send: (message) => void child.send(message),
    onMessage: (listener) => {
      child.on('message', listener)
      return () => void child.off('message', listener)
    },
    stop: (graceMs) => stop(child, ended, graceMs),
    kill: () => void child.kill('SIGKILL'),
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>, graceMs: number): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await ended
  clearTimeout(timer)
}
