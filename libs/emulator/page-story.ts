import type { PlatformName, Story } from '#libs/contract'
import type { SentEvent } from './page-chat'
import type { Stories } from './page-types'

/** As many as a conversation may have got while one webhook was under way. */
const mostLooked = 50

/** The way of an event through Hookline; undefined while there is none. */
export async function storyOf(
  { platform, conversation, userId, eventId, startedAt, endedAt }: SentEvent,
  bot: string,
  stories: Stories,
): Promise<Story | undefined> {
  if (startedAt === undefined) return undefined
  const lane = `${conversation.kind}:${conversation.id}`
  // LINE's event id is the item's id.
  if (platform === 'line' && eventId !== undefined) return stories.story(bot, lane, eventId)
  const until = endedAt ?? Date.now()
  const found = await stories.ofLane(bot, lane, mostLooked)
  const during = found
    .filter(({ receivedAt }) => receivedAt >= startedAt && receivedAt <= until)
    .sort((a, b) => a.receivedAt - b.receivedAt)
  return during.find((story) => story.userId === userId) ?? during[0]
}

/** The bot's name in Hookline: the part of the webhook's path after `/webhooks/`. */
export function botOf(webhookUrl: string, platform: PlatformName): string {
  const path = URL.canParse(webhookUrl) ? new URL(webhookUrl).pathname : ''
  return decodeURIComponent(/\/webhooks\/([^/]+)/.exec(path)?.[1] ?? platform)
}
