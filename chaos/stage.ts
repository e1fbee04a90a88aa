import { join } from 'node:path'
import { type Accounts, type Emulator, baseUrlEnv, startEmulator } from '#libs/emulator'
import type { Children } from './children'
import { type Edge, openEdge } from './edge'
import { type Fleet, type Kind, createFleet } from './fleet'
import type { Random } from './random'
import type { Fsync, RedisServer, RedisServerOptions, RedisUnderTest } from './redis-server'
import type { Scenario, Stage } from './scenario'
import { type Wire, openWire } from './wire'

/** What all scenarios of a run share. */
export interface Setting<R extends RedisUnderTest = RedisServer> {
  children: Children
  /** The folder of the project. */
  root: string
  redisBinary: string
  startRedis: (options: RedisServerOptions) => Promise<R>
  fsync: Fsync
  accounts: Required<Accounts>
  credentials: Record<string, string>
  /** Of the runner's environment, for the processes: PATH and HOME. */
  surroundings: Record<string, string>
}

/** One scenario's own Redis, emulator, processes, and the lines between them. */
export interface SetStage<R = RedisServer> extends Stage<R> {
  edge: Edge
  harm: Map<string, number>
  /** Nothing stays broken. */
  mend(): Promise<void>
  close(): Promise<void>
}

export interface StageOptions<R extends RedisUnderTest = RedisServer> {
  scenario: Scenario<R>
  setting: Setting<R>
  /** A folder of this scenario's own. */
  dir: string
  random: Random
}

export async function setStage<R extends RedisUnderTest>(options: StageOptions<R>): Promise<SetStage<R>> {
  const { scenario, setting, dir } = options
  const redis = await setting.startRedis({ ...setting, binary: setting.redisBinary, dir })
  const wires = new Map<string, Wire>()
  const fleet = createFleet({
    ...setting,
    dir,
    env: (kind, slot) => envOf(kind, { options, redis, wire: wires.get(slot) }),
    preload: preloads(scenario, setting.root),
  })
  const edge = await openEdge(fleet)
  const emulator = await startPlatforms(edge, options)
  for (const slot of slots('worker', scenario.workers ?? 2))
    wires.set(slot, await openWire(slot, () => emulator.url))
  await Promise.all([
    ...slots('ingress', scenario.ingresses ?? 2).map((slot) => fleet.add('ingress', slot)),
    ...slots('worker', scenario.workers ?? 2).map((slot) => fleet.add('worker', slot)),
  ])
  const registration = await emulator.registerTocaro()
  if (!registration.registered) throw new Error(`Tocaro's handshake failed: ${registration.reason}`)
  return assemble({ redis, emulator, fleet, edge, wires: [...wires.values()], random: options.random })
}

type Parts<R> = {
  redis: R
  emulator: Emulator
  fleet: Fleet
  edge: Edge
  wires: Wire[]
  random: Random
}

function assemble<R extends RedisUnderTest>(parts: Parts<R>): SetStage<R> {
  const { redis, emulator, fleet, edge, wires } = parts
  const harm = new Map<string, number>()
  return {
    ...parts,
    harm,
    did: (what, times = 1) => void harm.set(what, (harm.get(what) ?? 0) + times),
    mend: async () => {
      emulator.faults.clear()
      await Promise.all(wires.map((wire) => wire.up()))
      await redis.mend()
      await fleet.whole()
    },
    close: async () => {
      fleet.close()
      wires.forEach((wire) => wire.close())
      edge.close()
      await emulator.close()
      redis.close()
    },
  }
}

function slots(kind: Kind, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`)
}

function preloads({ preload = {} }: Pick<Scenario, 'preload'>, root: string): Partial<Record<Kind, string>> {
  return Object.fromEntries(
    Object.entries(preload).map(([kind, name]) => [kind, join(root, `dist/chaos/preload/${name}.js`)]),
  )
}

/** The emulator thinks that the edge is the bot's address. */
function startPlatforms(edge: Edge, { scenario, setting, random }: AnyOptions): Promise<Emulator> {
  const { line, lineworks, tocaro } = setting.accounts
  const faults = random.fork('faults')
  return startEmulator({
    host: '127.0.0.1',
    port: 0,
    random: () => faults.next(),
    accounts: {
      line: { ...line, webhookUrl: `${edge.url}/webhooks/line` },
      lineworks: { ...lineworks, webhookUrl: `${edge.url}/webhooks/lineworks` },
      tocaro: { ...tocaro, webhookUrl: `${edge.url}/webhooks/tocaro` },
    },
    // Calls take a while, so that a kill meets some of them under way. Limits are the topic of rate-storm only.
    settings: { latencyMs: 15, lineworksRatePerMinute: 100_000, ...scenario.settings },
  })
}

/** Of a stage whatever its Redis is. */
type AnyOptions = Omit<StageOptions, 'scenario' | 'setting'> & {
  scenario: Omit<Scenario, 'harm'>
  setting: Omit<Setting, 'startRedis'>
}

interface Around {
  options: AnyOptions
  redis: RedisUnderTest
  wire: Wire | undefined
}

/** Late replies become pushes, so that an outage longer than a reply token lives loses no answer. */
function envOf(kind: Kind, { options, redis, wire }: Around): Record<string, string> {
  const { scenario, setting, dir } = options
  const ofWorkers = {
    ...baseUrlEnv(wire?.url ?? ''),
    LINE_REPLY_FALLBACK: 'push',
    LINEWORKS_RATE_PER_MINUTE: '6000',
    TOCARO_RATE_PER_MINUTE: '6000',
    TOCARO_MUTE_AFTER: '0',
    ...(scenario.bot === undefined ? {} : { HOOKLINE_BOT: join(setting.root, 'chaos/bots', scenario.bot) }),
  }
  return {
    ...setting.surroundings,
    ...setting.credentials,
    HOOKLINE_CONFIG: '',
    ...redis.env,
    INGRESS_PORT: '0',
    WORKER_PORT: '0',
    HOOKLINE_JOURNAL_DIR: join(dir, 'journal'),
    ...(kind === 'worker' ? ofWorkers : {}),
    ...scenario.env,
  }
}
