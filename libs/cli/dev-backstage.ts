import { HooklineError } from '#libs/contract'
import type { Backstage, BackstageState } from '#libs/emulator'
import type { Child } from './child-process'

/** What the emulator's page may do to the processes of `hookline dev`, and how these keep it up to date. */
export interface DevBackstage extends Backstage {
  /** This worker runs from now on. */
  worker(child: Child): void
}

/** An outage that does not begin or end within this time has failed: milliseconds. */
const outageMs = 20_000

/** `redis`: the process that holds the private Redis, where it can be stopped. */
export function createDevBackstage(redis: Child | undefined): DevBackstage {
  const listeners = new Set<() => void>()
  const changed = () => listeners.forEach((listener) => listener())
  let state: Pick<BackstageState, 'worker' | 'redis'> = redis ? { redis: 'up' } : {}
  let current: Child | undefined
  let kills = 0

  const outage = async (wanted: 'begin' | 'end') => {
    if (!redis) throw new HooklineError('config_invalid', 'This Redis can’t be stopped from here.')
    redis.send(wanted)
    await told(redis, wanted)
    state = { ...state, redis: wanted === 'begin' ? 'down' : 'up' }
    changed()
  }
  return {
    state: () => state,
    onChange: (listener) => void listeners.add(listener),
    worker: (child) => {
      current = child
      state = { ...state, worker: { pid: child.pid ?? 0, startedAt: Date.now(), kills } }
      changed()
      void child.ended.then(() => {
        if (current !== child) return
        current = undefined
        state = state.redis ? { redis: state.redis } : {}
        changed()
      })
    },
    killWorker: async () => {
      const victim = current
      if (!victim)
        throw new HooklineError('config_invalid', 'No worker runs right now; it is being started again.')
      kills++
      victim.kill()
      await victim.ended
    },
    stopRedis: () => outage('begin'),
    startRedis: () => outage('end'),
  }
}

/** Until the process says that it is done. */
function told(redis: Child, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer)
      stop()
      settle()
    }
    const late = new HooklineError('store_unavailable', `Redis did not ${wanted} its outage in time.`)
    const timer = setTimeout(() => end(() => reject(late)), outageMs)
    const stop = redis.onMessage((message) => {
      if ((message as { outage?: unknown }).outage === wanted) end(resolve)
    })
  })
}
