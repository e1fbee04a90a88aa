import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `hookline dev` makes its accounts up at each start. Other commands in the same folder find them here while it runs:
 * readable by the owner only, removed at its end.
 */
const fileOf = (cwd: string) => join(cwd, '.hookline', 'dev.json')

/** Which of these a process of `hookline dev` was given; the rest of its environment is nobody's business. */
const ours =
  /^(REDIS_URL|HOST|(INGRESS|WORKER|EMULATOR|CONSOLE)_PORT|(LINE|LINEWORKS|TOCARO|HOOKLINE(?!_CONSOLE))_\w+)$/

export function writeDevSettings(cwd: string, env: NodeJS.ProcessEnv): void {
  const settings = Object.fromEntries(Object.entries(env).filter(([name]) => ours.test(name)))
  rmSync(fileOf(cwd), { force: true })
  writeFileSync(fileOf(cwd), JSON.stringify({ ...settings, HOOKLINE_CONFIG: '' }), { mode: 0o600 })
}

export function removeDevSettings(cwd: string): void {
  rmSync(fileOf(cwd), { force: true })
}

/** The settings of the `hookline dev` that runs in this folder; undefined when none does. */
export async function readDevSettings(cwd: string): Promise<Record<string, string> | undefined> {
  try {
    const settings = JSON.parse(readFileSync(fileOf(cwd), 'utf8')) as Record<string, string>
    // One that was killed leaves its file behind.
    const answer = await fetch(`${settings['LINE_API_BASE_URL'] ?? ''}/__emulator`, {
      signal: AbortSignal.timeout(1000),
    })
    return answer.ok ? settings : undefined
  } catch {
    return undefined
  }
}
