import type { RedisServer } from '../../chaos/redis-server'
import {
  type RedisSet,
  type SetOptions,
  bringBack,
  connectTo,
  createOutages,
  cutOff,
  end,
  isFollowing,
  login,
  roleOf,
  serverPort,
  startMember,
  untilTrue,
} from './redis-set'

/** The bots of an environment without a config file, each on a primary of its own: slots 157, 5039 and 13907. */
const slots = [
  { bot: 'line', from: 0, to: 4999 },
  { bot: 'tocaro', from: 5000, to: 9999 },
  { bot: 'lineworks', from: 10_000, to: 16_383 },
]
const nodeTimeoutMs = 2000

interface Member extends RedisServer {
  busPort: number
}

/** Three primaries with one replica each. The primary that is ended is the one that has the bot `line`. */
export async function startCluster(options: SetOptions): Promise<RedisSet> {
  const members = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => startNode(`node-${n}`, options)))
  for (const [i, { from, to }] of slots.entries()) await members[i]?.client.cluster('ADDSLOTSRANGE', from, to)
  for (const { port, busPort } of members)
    await members[0]?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  const all = (check: (member: Member) => Promise<boolean>, what: string) =>
    untilTrue(async () => (await Promise.all(members.map(check))).every(Boolean), what)
  await all(async ({ client }) => (await client.cluster('INFO')).includes('cluster_known_nodes:6'), 'met')
  await all(async ({ client }) => (await client.cluster('INFO')).includes('cluster_state:ok'), 'ok')
  for (const i of [0, 1, 2]) {
    const id = await members[i]?.client.cluster('MYID')
    await members[i + 3]?.client.cluster('REPLICATE', String(id))
  }
  await untilTrue(async () => {
    const pairs = members.slice(3).map((replica, i) => isFollowing(replica, members[i] ?? replica))
    return (await Promise.all(pairs)).every(Boolean)
  }, 'every primary has a replica')
  const hosts = members.slice(1, 4).map(({ port }) => `127.0.0.1:${port}`)
  const url = `redis${options.tls ? 's' : ''}+cluster://${login}@${hosts.join(',')}`
  return createSet(members, connectTo(url, options.tls))
}

async function startNode(name: string, options: SetOptions): Promise<Member> {
  const busPort = await serverPort()
  const node = await startMember(name, options, [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-port', String(busPort)],
    ...['--cluster-node-timeout', String(nodeTimeoutMs)],
    ...(options.tls ? ['--tls-cluster', 'yes'] : []),
  ])
  return { ...node, busPort }
}

function createSet(members: Member[], { env, client }: Pick<RedisSet, 'env' | 'client'>): RedisSet {
  const outages = createOutages()
  const [first, , , second] = members
  if (!first || !second) throw new TypeError('a cluster has six nodes')
  let [primary, replica]: [Member, Member] = [first, second]
  const swap = () => void ([primary, replica] = [replica, primary])
  const takesOver = async (heir: Member) => {
    await untilTrue(async () => (await roleOf(heir)) === 'master', 'the replica is the primary')
    const others = members.filter((member) => member !== first && member !== second)
    await untilTrue(
      async () =>
        (await Promise.all(others.map(({ client: c }) => c.cluster('INFO')))).every((info) =>
          info.includes('cluster_state:ok'),
        ),
      'the cluster is whole',
    )
  }
  return {
    env,
    client,
    away: () => outages.times,
    cutReplication: () => cutOff([replica], primary),
    endPrimary: (how) =>
      outages.during(async () => {
        await end(primary, how)
        replica.thaw()
        await takesOver(replica)
        swap()
      }),
    revive: async () => {
      await bringBack(replica)
      await untilTrue(() => isFollowing(replica, primary), 'the old primary follows the new one')
    },
    handOver: () =>
      outages.during(async () => {
        await replica.client.cluster('FAILOVER')
        await takesOver(replica)
        swap()
      }),
    mend: async () => {
      await Promise.all(members.map(bringBack))
    },
    close: () => {
      client.disconnect()
      for (const member of members) member.close()
    },
  }
}
