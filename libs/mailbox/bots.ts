import type { PlatformName } from '#libs/contract'
import { type RedisClient, primaries } from '#libs/redis'
import { drainQueueName } from './drains'
import { botKeys, botPrefix } from './keys'
import { type Timeline, timelineFields } from './timeline'

const sampleBot = '*'

/** Without a `}` it can't end the hash tag of its bot's keys, and so never names a key of another kind. */
export function isBotName(text: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(text)
}

/** Every bot that a process has worked for, configured here or not. Walks over all keys: for a person. */
export async function knownBots(redis: RedisClient): Promise<string[]> {
  const [before, after] = metaKey(sampleBot).split(sampleBot) as [string, string]
  const bots = new Set<string>()
  for (const server of primaries(redis)) {
    for await (const keys of server.scanStream({ match: `${before}*${after}`, count: 1000 }))
      for (const key of keys as string[]) bots.add(key.slice(before.length, -after.length))
  }
  // A conversation's id may be anything, and its keys look like those of a bot then.
  return [...bots].filter(isBotName).sort()
}

/** Says what a bot is, for the commands of an operator, who may have no configuration. */
export async function introduceBot(
  redis: RedisClient,
  bot: string,
  platform: PlatformName,
  timeline?: Timeline,
): Promise<void> {
  await redis.hset(botKeys(bot).about, { platform, ...(timeline ? timelineFields(timeline) : {}) })
}

/** The platform of a bot that a worker has worked for. */
export async function platformOf(redis: RedisClient, bot: string): Promise<PlatformName | undefined> {
  return ((await redis.hget(botKeys(bot).about, 'platform')) ?? undefined) as PlatformName | undefined
}

/** A worker has worked for this bot: its queue is there, whatever the configuration of today says. */
export async function isKnownBot(redis: RedisClient, bot: string): Promise<boolean> {
  return isBotName(bot) && (await redis.exists(metaKey(bot))) === 1
}

/** Where BullMQ keeps what holds for the whole queue, the pause among it. */
export function metaKey(bot: string): string {
  return `${botPrefix(bot)}:${drainQueueName}:meta`
}
