import type { ViewedConfig } from '#libs/config'
import { botsWithDeadLetters, knownBots } from '#libs/mailbox'
import { type RedisClient, runScript, script } from '#libs/redis'
import { botsKey, processesKey } from './keys'
import type { ProcessInfo } from './process-info'
import type { ProcessKind, ProcessView } from './types'

/** Three beats. */
const lateMs = 15_000

export interface LiveProcess extends ProcessInfo {
  /** By Redis' clock: Unix milliseconds. */
  beatAt: number
  late: boolean
}

/** Who lives, and all that is known of bots. */
export interface Fleet {
  /** Redis' clock: Unix milliseconds. */
  now: number
  processes: LiveProcess[]
  /** Every bot that a process has ever worked for → when one last did: Unix milliseconds, 0 where it is not known. */
  bots: Map<string, number>
}

/**
 * What the processes say is no key of this call; it shares the hash tag.
 * KEYS  processes, bots
 * Returns {now, {{beat at, text}, …}, {bot, time, …}}.
 */
const fleetScript = script(`
local t = redis.call('TIME')
local found = {}
local ids = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #ids, 2 do
  local text = redis.call('GET', KEYS[1] .. ':' .. ids[i])
  if text then found[#found + 1] = {ids[i + 1], text} end
end
return {t[1] * 1000 + math.floor(t[2] / 1000), found, redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')}
`)

type FleetReply = [now: number, processes: [beatAt: string, text: string][], bots: string[]]

export async function readFleet(redis: RedisClient): Promise<Fleet> {
  const reply = (await runScript(redis, fleetScript, [processesKey, botsKey], [])) as FleetReply
  const [now, found, pairs] = reply
  const processes = found.map(([at, text]): LiveProcess => {
    const beatAt = Number(at)
    return { ...(JSON.parse(text) as ProcessInfo), beatAt, late: now - beatAt > lateMs }
  })
  const bots = new Map<string, number>()
  for (let i = 0; i < pairs.length; i += 2) bots.set(pairs[i] ?? '', Number(pairs[i + 1]))
  return { now, processes, bots }
}

const order: readonly ProcessKind[] = ['ingress', 'worker', 'console', 'emulator']

/** The processes that live, or have until a short while ago, by kind and age. */
export async function readProcesses(redis: RedisClient): Promise<ProcessView[]> {
  const { processes } = await readFleet(redis)
  return processes
    .map(viewOf)
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.startedAt - b.startedAt)
}

function viewOf(process: LiveProcess): ProcessView {
  const { id, kind, host, pid, version, startedAt, beatAt, late } = process
  const { bots, memoryBytes, loopLagMs, journal, url } = process
  return {
    ...{ id, kind, host, pid, version, startedAt, beatAt, late },
    ...{ bots: Object.keys(bots), memoryBytes, loopLagMs },
    ...(journal
      ? { journal: { events: journal.events, bytes: journal.bytes, maxBytes: journal.maxBytes } }
      : {}),
    ...(url === undefined ? {} : { url }),
  }
}

/** What each process goes by. Secrets only as set or unset. */
export interface ConfigView {
  processes: (ViewedConfig & { id: string; kind: ProcessKind; host: string })[]
}

export async function readConfigView(redis: RedisClient): Promise<ConfigView> {
  const { processes } = await readFleet(redis)
  const texts = await Promise.all(processes.map(({ id }) => redis.get(`${processesKey}:${id}:settings`)))
  return {
    processes: processes.flatMap(({ id, kind, host }, i) => {
      const text = texts[i]
      return text ? [{ id, kind, host, ...(JSON.parse(text) as ViewedConfig) }] : []
    }),
  }
}

/** Every bot that a process has ever worked for. */
export async function listBots(redis: RedisClient): Promise<string[]> {
  return (await redis.zrange(botsKey, 0, '-1')).sort()
}

/**
 * Puts bots on the list that worked with an earlier version, or only have dead letters left. Walks over all keys: once
 * at the start of a process that looks.
 */
export async function rememberBots(redis: RedisClient): Promise<void> {
  const bots = new Set([...(await knownBots(redis)), ...(await botsWithDeadLetters(redis))])
  for (const bot of bots) await redis.zadd(botsKey, 'NX', 0, bot)
}
