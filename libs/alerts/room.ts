import { createHash } from 'node:crypto'
import { HooklineError, type OutgoingPush } from '#libs/contract'
import { createMailbox, platformOf, readPush, recordMs } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import { readPushRequest } from '#libs/push'
import type { RedisClient } from '#libs/redis'
import type { Channel } from './channels'
import type { Letter } from './message'

/** Sends to a chat of one of our own bots: through its lane, as a push of the HTTP API goes, within all limits. */
export function createRoomChannel(room: string, redis: RedisClient, log: Logger): Channel {
  const [bot = '', kind = '', ...rest] = room.split(':')
  const mailbox = createMailbox(redis, log)
  let last: string | undefined
  return {
    kind: 'room',
    send: async (letter) => {
      await refuseAfterDeadLetter(redis, bot, last)
      const push = await pushOf(letter, { bot, to: { [kind]: rest.join(':') }, redis })
      await mailbox.post([push], recordMs)
      last = push.key
    },
    close: () => mailbox.close(),
  }
}

/** A dead letter is trouble to tell of itself: a room that takes no message must not make more and more of them. */
async function refuseAfterDeadLetter(
  redis: RedisClient,
  bot: string,
  last: string | undefined,
): Promise<void> {
  const record = last === undefined ? undefined : await readPush(redis, bot, last)
  if (record?.status !== 'failed') return
  const words = `ALERT_ROOM: the last alert became a dead letter of the bot "${bot}" (${record.reason ?? 'failed'}). Replay or discard it.`
  throw new HooklineError('api_rejected', words)
}

interface Recipient {
  bot: string
  to: Record<string, string>
  redis: RedisClient
}

async function pushOf({ id, text }: Letter, { bot, to, redis }: Recipient): Promise<OutgoingPush> {
  const platform = await platformOf(redis, bot)
  if (!platform)
    throw new HooklineError('config_invalid', `ALERT_ROOM: no worker has ever run for a bot "${bot}".`)
  const request = { to, messages: [{ type: 'text', text }] }
  const { target, messages, digest } = readPushRequest(Buffer.from(JSON.stringify(request)), platform)
  // The same for the same message, so that the mailbox knows one that is posted again.
  const word = createHash('sha256').update(`alert\n${bot}\n${id}`).digest('hex').slice(0, 32)
  const now = Date.now()
  return {
    ...{ type: 'push', key: `${bot}.${word}`, platform, bot, conversation: target },
    ...{ occurredAt: now, receivedAt: now, raw: null, messages, digest },
  }
}
