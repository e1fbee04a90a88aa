import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { LoadedBot } from './doctor-worker'

/** The worker's own way of loading, in a process of its own. */
const ownProgram = join(__dirname, '../../apps/worker/try-bot-main.js')
const timeoutMs = 15_000

/** Loads a bot file in another process, which is ended when it takes too long. */
export function loadBotElsewhere(
  file: string,
  { env, cwd, program = ownProgram }: { env: NodeJS.ProcessEnv; cwd: string; program?: string },
): Promise<LoadedBot> {
  return new Promise((resolve) => {
    const child = fork(program, [file], { env, cwd, stdio: 'ignore' })
    const end = (result: LoadedBot) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      resolve(result)
    }
    const timer = setTimeout(
      () => end({ ok: false, message: `${file} did not load within ${timeoutMs / 1000} s` }),
      timeoutMs,
    )
    child.once('message', (message) => end(message as LoadedBot))
    child.once('error', (error) => end({ ok: false, message: error.message }))
    child.once('exit', (code) =>
      end({ ok: false, message: `${file} ended its process with ${code} while loading` }),
    )
  })
}
