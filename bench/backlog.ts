import type { Event } from '#libs/contract'
import { createMailbox } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { createWebhook, signLine } from '#libs/platforms'
import type { RedisClient } from '#libs/redis'
import { bodyOf } from './webhooks'

/** Events that wait before the first worker gets any. */
export interface Backlog {
  /** Bots in turn; each conversation belongs to one of them if their number is a multiple of that of the bots. */
  bots: string[]
  conversations: number
  events: number
  /** Number of the first event: no two backlogs of one Redis have one in common. */
  from: number
  /** Number of the first user; 0 without it. */
  firstUser?: number
}

export const channelSecret = '0123456789abcdef0123456789abcdef'

/** What a user says: conversation and place in it, then enough to make the webhook as long as usual. */
export interface Said {
  bot: string
  label: string
  body: Buffer
}

export function* saidIn({ bots, conversations, events, from, firstUser = 0 }: Backlog): Generator<Said> {
  for (let i = 0; i < events; i++) {
    const user = firstUser + (i % conversations)
    const label = `c${user} n${Math.floor(i / conversations)}`
    const text = `${label} Good morning! I would like to know when my order arrives, please.`
    const body = bodyOf({ number: from + i, user, text, at: Date.now() })
    yield { bot: bots[i % bots.length] ?? '', label, body }
  }
}

/** How many are posted at once. */
const batch = 1000

/** Puts the events into the lanes as the ingress does: verified and parsed from signed bytes, posted to the mailbox. */
export async function postBacklog(redis: RedisClient, backlog: Backlog): Promise<void> {
  const mailbox = createMailbox(redis, createLogger({ name: 'bench', level: 'error' }), {
    bots: backlog.bots,
  })
  const webhooks = new Map(
    backlog.bots.map((name) => [
      name,
      createWebhook({ platform: 'line', name, channelSecret: [channelSecret] }),
    ]),
  )
  let events: Event[] = []
  const post = async () => {
    await mailbox.post(events, dedupeWindowMs)
    events = []
  }
  for (const { bot, body } of saidIn(backlog)) {
    const headers = { 'x-line-signature': signLine(body, channelSecret) }
    const received = webhooks.get(bot)?.receive({ headers, body, receivedAt: Date.now() })
    if (received?.kind === 'events') events.push(...received.events)
    if (events.length >= batch) await post()
  }
  await post()
  await mailbox.close()
}

const dedupeWindowMs = 3_600_000
