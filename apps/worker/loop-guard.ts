import { createHash } from 'node:crypto'
import type { Call, Sender } from '#libs/contract'
import { type Item, botPrefix } from '#libs/mailbox'
import { type RedisClient, runScript, script } from '#libs/redis'
import type { Logger, Metrics } from '#libs/observability'

/**
 * Tocaro marks no event as a bot's own and no author as a bot, and whether a bot gets its own posts back is not
 * documented. So what the bot posts is remembered, and a group in which the bot and somebody answer each other
 * without end is held for a while. All of it is in Redis: a group's next event may go to another worker.
 */
export interface LoopGuard {
  /** Before an item is worked on: go on, ignore it as the echo of an own post, or hold its lane for so long. */
  check(item: Item): Promise<'go' | 'own_message' | { holdMs: number }>
  /** The same sender, which notes each post before it is made: the echo may come before the answer. */
  watch(sender: Sender): Sender
}

export interface LoopGuardOptions {
  bot: string
  redis: RedisClient
  /** Replies in a row, within ten seconds, after which a group is held; 0: never. */
  muteAfter: number
  /** The bot's own user codes are configured: they tell its posts through the Web API exactly. */
  knowsItself: boolean
  metrics: Metrics
  log: Logger
  now?: () => number
}

const rememberMs = 10 * 60_000
const muteMs = 60_000
const burstMs = 10_000

/**
 * An own post swallows one event with its text. What an event swallowed stays noted, so that a second look at the
 * same event sees the same. An event that came after the bot's last post may be an answer to it: the first post
 * for such an event counts. Of people's messages that were waiting already none counts.
 * KEYS  own posts of this text, state of the group
 * ARGV  item id, 1 to look for an own post, time of receipt, now
 * Returns -1 for an own post, else how long the group is held: milliseconds.
 */
const checkScript = script(`
if ARGV[2] == '1' then
  if redis.call('HEXISTS', KEYS[1], 'event:' .. ARGV[1]) == 1 then return -1 end
  if tonumber(redis.call('HGET', KEYS[1], 'left') or '0') > 0 then
    redis.call('HINCRBY', KEYS[1], 'left', -1)
    redis.call('HSET', KEYS[1], 'event:' .. ARGV[1], 1)
    return -1
  end
end
local held = tonumber(redis.call('HGET', KEYS[2], 'until') or '0') - tonumber(ARGV[4])
if held > 0 then return held end
if redis.call('HGET', KEYS[2], 'event') ~= ARGV[1] then
  local after = tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[2], 'posted') or '0')
  redis.call('HSET', KEYS[2], 'event', ARGV[1], 'counts', after and 1 or 0)
  redis.call('PEXPIRE', KEYS[2], ${rememberMs})
end
return 0
`)

/**
 * Notes a post. A repeated call is one post.
 * KEYS  own posts of this text, state of the group, times of the replies that count
 * ARGV  retry key, 1 to remember the text, now, replies after which the group is held or 0
 * Returns 1 when the group is held from now on, else 0.
 */
const noteScript = script(`
if ARGV[2] == '1' and redis.call('HSETNX', KEYS[1], 'call:' .. ARGV[1], 1) == 1 then
  redis.call('HINCRBY', KEYS[1], 'left', 1)
  redis.call('PEXPIRE', KEYS[1], ${rememberMs})
end
local counts = redis.call('HGET', KEYS[2], 'counts') == '1'
redis.call('HSET', KEYS[2], 'posted', ARGV[3], 'counts', 0)
redis.call('PEXPIRE', KEYS[2], ${rememberMs})
local most = tonumber(ARGV[4])
if most == 0 or not counts then return 0 end
local replies = redis.call('RPUSH', KEYS[3], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ${burstMs})
if replies <= most then return 0 end
local first = tonumber(redis.call('LPOP', KEYS[3]))
if tonumber(ARGV[3]) - first > ${burstMs} then return 0 end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[2], 'until', tonumber(ARGV[3]) + ${muteMs})
return 1
`)

export function createLoopGuard(options: LoopGuardOptions): LoopGuard {
  const { redis, now = Date.now } = options
  return {
    check: async (item) => {
      const { event } = item
      const group = event.conversation.id
      // A later run of an event would find what its own first run has posted.
      const isFirstRun = !item.handled && item.failures === 0 && item.pushes.length === 0
      const text = event.type === 'text' && isFirstRun ? event.text : undefined
      const keys = keysOf(options.bot, group)
      const args = [item.id, text === undefined ? 0 : 1, event.receivedAt, now()]
      const reply = Number(await runScript(redis, checkScript, [keys.own(text ?? ''), keys.group], args))
      if (reply < 0) return 'own_message'
      return reply === 0 ? 'go' : { holdMs: reply }
    },
    watch: (sender) => ({
      ...sender,
      send: async (call, sendOptions) => {
        await noteOwnPost(call, sendOptions.retryKey, { ...options, now })
        return sender.send(call, sendOptions)
      },
    }),
  }
}

async function noteOwnPost(
  call: Call,
  retryKey: string,
  { bot, redis, muteAfter, knowsItself, metrics, log, now }: Required<LoopGuardOptions>,
): Promise<void> {
  const group = call.target.id
  const keys = keysOf(bot, group)
  // Nobody knows the author of what comes out of an inbound webhook.
  const isRemembered = call.operation === 'inbound_webhook' || !knowsItself
  for (const { text } of call.messages) {
    const args = [retryKey, isRemembered && typeof text === 'string' ? 1 : 0, now(), muteAfter]
    const own = keys.own(typeof text === 'string' ? text : '')
    if ((await runScript(redis, noteScript, [own, keys.group, keys.replies], args)) !== 1) continue
    metrics.muted.inc({ bot })
    log.error(
      { bot, conversation: `group:${group}`, mute_ms: muteMs },
      `more than ${muteAfter} replies in a row within 10 s: the bot and somebody seem to answer each other without end. The group waits for a minute; nothing is lost. TOCARO_MUTE_AFTER sets the number.`,
    )
  }
}

function keysOf(bot: string, group: string) {
  const prefix = `${botPrefix(bot)}:loop`
  const own = (text: string) =>
    `${prefix}:own:${createHash('sha256')
      .update(JSON.stringify([group, text]))
      .digest('hex')}`
  return { own, group: `${prefix}:group:${group}`, replies: `${prefix}:replies:${group}` }
}
