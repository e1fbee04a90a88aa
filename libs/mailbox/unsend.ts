import type { UnsendEvent } from '#libs/contract'
import type { DeadLetter } from './dead-letters'
import { erasedItem, newItem } from './item'
import { botKeys } from './keys'
import { type RedisClient, runScript } from '#libs/redis'
import { eraseStoriesOfMessage } from './erase-stories'
import { eraseScript, rewriteScript } from './scripts'

/** What the scripts need to erase the message that an unsend event names. */
export function erasureBy(event: UnsendEvent): [needle: string, tombstone: string] {
  return [needleOf(event), JSON.stringify(erasedItem(newItem(event, 0)))]
}

/** The message as it stands in the JSON of an item that carries it. */
function needleOf({ messageId }: UnsendEvent): string {
  return `"messageId":${JSON.stringify(messageId)}`
}

interface Unsend {
  bot: string
  lane: string
  event: UnsendEvent
}

/**
 * Erases a message from the bot's dead letters and stories, and from the lane once more, where a replay may just have put it.
 * Posting the event has erased it from the lane before.
 */
export async function eraseUnsent(redis: RedisClient, { bot, lane, event }: Unsend): Promise<void> {
  const keys = botKeys(bot)
  const needle = needleOf(event)
  let cursor = '0'
  do {
    const [next, entries] = await redis.hscan(keys.deadLetters, cursor, 'COUNT', 100)
    for (let i = 0; i < entries.length; i += 2) {
      const [id = '', text = ''] = entries.slice(i, i + 2)
      if (text.includes(needle)) await eraseLetter(redis, keys.deadLetters, { id, text, event })
    }
    cursor = next
  } while (cursor !== '0')
  await eraseStoriesOfMessage(redis, { bot, lane, messageId: event.messageId })
  await runScript(redis, eraseScript, [keys.lane(lane)], erasureBy(event))
}

interface StoredLetter {
  id: string
  text: string
  event: UnsendEvent
}

/** Who replays, discards or rewrites the letter at the same time is not undone. */
async function eraseLetter(
  redis: RedisClient,
  key: string,
  { id, text, event }: StoredLetter,
): Promise<void> {
  const letter = JSON.parse(text) as DeadLetter
  const { item } = letter
  if (item.event.type === 'unsend' || !('messageId' in item.event)) return
  if (item.event.messageId !== event.messageId) return
  const erased = {
    ...letter,
    explanation: 'The user took the message back, so what was said is erased.',
    item: erasedItem(item),
  }
  if ((await runScript(redis, rewriteScript, [key], [id, text, JSON.stringify(erased)])) === 1) return
  const current = await redis.hget(key, id)
  if (current !== null) await eraseLetter(redis, key, { id, text: current, event })
}
