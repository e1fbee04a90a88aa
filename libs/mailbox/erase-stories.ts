import type { Story } from '#libs/contract'
import { type RedisClient, runScript } from '#libs/redis'
import { botKeys } from './keys'
import { rewriteScript } from './scripts'
import { withoutTexts } from './story-of'

const batch = 100

/** Erases what was said from the stories of one message and its edits; it and its unsend are in one conversation. */
export async function eraseStoriesOfMessage(
  redis: RedisClient,
  { bot, lane, messageId }: { bot: string; lane: string; messageId: string },
): Promise<number> {
  const keys = botKeys(bot)
  const ids = await redis.zrange(keys.storyOf(lane), 0, '-1')
  const isMeant = (story: Story) => story.messageId === messageId && story.type !== 'unsend'
  let erased = 0
  for (let i = 0; i < ids.length; i += batch)
    erased += await eraseStories(redis, { bot, ids: ids.slice(i, i + batch), isMeant })
  return erased
}

/** Erases what was said from those of these stories that are meant. Returns how many those are. */
export async function eraseStories(
  redis: RedisClient,
  { bot, ids, isMeant }: { bot: string; ids: string[]; isMeant: (story: Story) => boolean },
): Promise<number> {
  if (ids.length === 0) return 0
  const texts = await redis.hmget(botKeys(bot).stories, ...ids)
  let erased = 0
  for (const [i, text] of texts.entries()) {
    const id = ids[i]
    if (text !== null && id !== undefined && (await eraseStory(redis, { bot, id, text, isMeant })))
      erased += 1
  }
  return erased
}

interface StoredStory {
  bot: string
  id: string
  text: string
  isMeant: (story: Story) => boolean
}

/** A story that was written anew meanwhile (its item was replayed) is looked at again. */
async function eraseStory(redis: RedisClient, { text, ...stored }: StoredStory): Promise<boolean> {
  const { stories } = botKeys(stored.bot)
  const story = JSON.parse(text) as Story
  if (!stored.isMeant(story)) return false
  const silent = JSON.stringify(withoutTexts(story))
  if ((await runScript(redis, rewriteScript, [stories], [stored.id, text, silent])) === 1) return true
  const current = await redis.hget(stories, stored.id)
  return current !== null && eraseStory(redis, { ...stored, text: current })
}
