import { HooklineError } from '#libs/contract'
import type { EmulatorContext } from './context'
import type { ActiveFault, Backstage, BackstageFault, PageFaultRequest } from './page-types'

/** The whole fault panel: faults of calls and deliveries, and what is out of order as a whole. */
export interface PageFaults {
  add: (request: PageFaultRequest) => Promise<void>
  /** Ends one, or all. */
  clear(id?: string): Promise<void>
  list: () => ActiveFault[]
  /** Puts Redis back where it was stopped. */
  close(): Promise<void>
}

export function createPageFaults(context: EmulatorContext, backstage: Backstage | undefined): PageFaults {
  const { faults, outages } = context
  let timer: NodeJS.Timeout | undefined
  // Redis takes a while to stop and to start: one after the other, however fast somebody clicks.
  let last: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
  const startRedis = async () => {
    clearTimeout(timer)
    if (backstage?.state().redis === 'down') await backstage.startRedis()
  }
  const tellFailed = (error: unknown) =>
    context.log(
      `emulator: Redis did not come back: ${error instanceof Error ? error.message : String(error)}`,
    )
  const stopRedis = async (request: Omit<BackstageFault, 'id'>) => {
    if (backstage?.state().redis === undefined)
      throw new HooklineError(
        'config_invalid',
        'Redis is not the emulator’s to stop. Only `hookline dev` with a redis-server on the PATH has one.',
      )
    outages.clear(outages.list().find(({ fault }) => fault.kind === 'redis-down')?.fault.id ?? '')
    await backstage.stopRedis()
    const { id } = outages.add(request)
    clearTimeout(timer)
    if (request.durationMs === undefined) return
    timer = setTimeout(() => {
      outages.clear(id)
      inTurn(startRedis).catch(tellFailed)
    }, request.durationMs)
  }
  return {
    add: async (request) => {
      if (!isOutage(request)) faults.add(request)
      else if (request.kind === 'redis-down') await inTurn(() => stopRedis(request))
      else outages.add(checked(request))
    },
    clear: async (id) => {
      faults.clear(id)
      const ended = outages.clear(id)
      await inTurn(async () => {
        // Those too that were only just beginning.
        ended.push(...outages.clear(id))
        if (ended.some(({ kind }) => kind === 'redis-down')) await startRedis()
      })
    },
    list: () => [...faults.active(), ...outages.list()],
    // The rest ends all the same.
    close: () => inTurn(startRedis).catch(tellFailed),
  }
}

function isOutage(request: PageFaultRequest): request is Omit<BackstageFault, 'id'> {
  return ['platform-down', 'redis-down', 'reply-token-expired'].includes(request.kind)
}

function checked(request: Omit<BackstageFault, 'id'>): Omit<BackstageFault, 'id'> {
  if (request.kind === 'reply-token-expired' && (request.platform ?? 'line') !== 'line')
    throw new HooklineError('config_invalid', `Only LINE has reply tokens, not ${request.platform ?? ''}.`)
  return request
}
