import type { Member } from '../../chaos/fleet'
import type { Stage } from '../../chaos/scenario'
import type { RedisSet } from './redis-set'
import { untilTrue } from './redis-set'

/** Until every process says that it is ready; returns how many events were acknowledged unconfirmed. */
export async function untilReady({ fleet }: Stage<RedisSet>): Promise<number> {
  const all = [...fleet.running('ingress'), ...fleet.running('worker')]
  await untilTrue(async () => (await Promise.all(all.map(isReady))).every(Boolean), 'every process is ready')
  const counts = await Promise.all(fleet.running('ingress').map(unconfirmedOf))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function isReady({ url }: Member): Promise<boolean> {
  return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })).ok
}

async function unconfirmedOf({ url }: Member): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const rows = text.matchAll(/^hookline_unconfirmed_events_total\{.*\} (\d+)$/gm)
  return [...rows].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Until an ingress gives this reason for not being ready. */
export async function untilIngressSays({ fleet }: Stage<RedisSet>, words: string): Promise<void> {
  await untilTrue(async () => {
    const [ingress] = fleet.running('ingress')
    const response = await fetch(`${ingress?.url}/readyz`, { signal: AbortSignal.timeout(3000) })
    return response.status === 503 && (await response.text()).includes(words)
  }, `an ingress says: ${words}`)
}
