import { createHash } from 'node:crypto'
import { type BotPlatforms, type PushVia, checkPushVia } from '#libs/bot'
import type { OutgoingPush } from '#libs/contract'
import type { Item } from '#libs/mailbox'

export interface PushViaDeps {
  /** All bots of the configuration. */
  bots: BotPlatforms
  /** Stores a push in the lane of its bot; once for one key. */
  post: (push: OutgoingPush, traceparent: string | undefined) => Promise<unknown>
}

/**
 * Stores what another bot is to say. The key says which event it is for and which of its pushes it is, so that the
 * mailbox knows it again when the handler runs once more. It looks like that of a push by HTTP, so its status can be asked.
 */
export async function pushVia(
  item: Item,
  push: PushVia & { name: string },
  deps: PushViaDeps,
): Promise<void> {
  const { platform, target } = checkPushVia(push, deps.bots)
  const { bot, messages, name } = push
  const now = Date.now()
  await deps.post(
    {
      ...{ type: 'push', key: `${bot}.${hashOf([item.event.bot, item.id, name])}`, platform, bot },
      ...{ conversation: target, occurredAt: now, receivedAt: now, raw: null, messages },
      digest: hashOf([target, messages]),
    },
    item.traceparent,
  )
}

function hashOf(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}
