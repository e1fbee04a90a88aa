import { createLogger } from '#libs/observability'
import { type RedisClient, connectWorker } from '#libs/redis'
import { freePort } from '../libs/cli/dev-redis'
import { until } from '../chaos/until'
import { startRedisServer } from '../chaos/redis-server'
import { type Bench, pidOf, startOwnRedis } from './bench'
import type { Place } from './pinning'

/** One Redis server, or a cluster of several primaries. */
export interface Servers {
  url: string
  client: RedisClient
  pids: number[]
  close(): void
}

export async function startServers(
  bench: Bench,
  { dir, primaries, place }: { dir: string; primaries: number; place: Place },
): Promise<Servers> {
  if (primaries > 1) return startCluster(bench, dir, primaries)
  const redis = await startOwnRedis(bench, dir, { place })
  return { ...redis, pids: [redis.pid] }
}

const allSlots = 16_384

/** Primaries without replicas, each with an equal share of the slots. */
async function startCluster(bench: Bench, dir: string, primaries: number): Promise<Servers> {
  const nodes = await Promise.all(
    Array.from({ length: primaries }, (_, i) => startNode(bench, `${dir}/${i}`)),
  )
  const share = Math.ceil(allSlots / primaries)
  for (const [i, { client }] of nodes.entries())
    await client.cluster('ADDSLOTSRANGE', i * share, Math.min((i + 1) * share, allSlots) - 1)
  for (const { port, busPort } of nodes)
    await nodes[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  await until(
    async () => {
      const infos = await Promise.all(nodes.map(({ client }) => client.cluster('INFO')))
      return infos.every(
        (info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${primaries}`),
      )
    },
    { ms: 20_000, what: 'the cluster is whole' },
  )
  const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
  const client = connectWorker(url, createLogger({ name: 'bench', level: 'error' }))
  return {
    ...{ url, client },
    pids: await Promise.all(nodes.map(pidOf)),
    close: () => {
      client.disconnect()
      for (const node of nodes) node.close()
    },
  }
}

async function startNode(bench: Bench, dir: string) {
  const busPort = await freePort()
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)]
  args.push('--auto-aof-rewrite-percentage', '0')
  const node = await startRedisServer({
    ...{ children: bench.children, binary: bench.redisBinary, dir, fsync: 'everysec' },
    args,
  })
  return { ...node, busPort }
}
