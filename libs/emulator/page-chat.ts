import { randomUUID } from 'node:crypto'
import type { Conversation, PlatformName } from '#libs/contract'
import type { EmulatorContext } from './context'
import type { LedgerEntry } from './ledger'
import { laneOfCall } from './page-call-lane'
import { conversationOf, shownEvent, type ShownEvent } from './page-events'
import type { People } from './page-people'
import type { PageStream } from './page-stream'
import type { ChatLine } from './page-types'
import type { RawEvent } from './platform-webhooks'
import type { WatchedAttempt, WatchedCall } from './watch'
import type { Outgoing } from './webhook-sender'

/** How a line's event can be found in Hookline again. */
export interface SentEvent {
  platform: PlatformName
  conversation: Conversation
  userId?: string
  /** LINE's id of the event. */
  eventId?: string
  /** From the first attempt to the end of the last: Unix milliseconds of this machine. */
  startedAt?: number
  endedAt?: number
}

/** What stands in the chats: what users do, what the bot says, what the platform says. */
export interface Chat {
  happened(outgoing: Outgoing): void
  undelivered(outgoing: Outgoing, outcome: string): void
  attempted(attempt: WatchedAttempt): void
  said(entry: LedgerEntry): void
  called(call: WatchedCall): void
  /** A line of the page's own. */
  add(line: NewLine): ChatLine
  /** Of one platform, oldest first. */
  lines(platform: PlatformName): ChatLine[]
  /** Those that are new or changed since. */
  after(seq: number): ChatLine[]
  /** By the platform's id of the message. */
  byMessage(platform: PlatformName, messageId: string): ChatLine | undefined
  sentEvent(webhook: string): SentEvent | undefined
  /** LINE: where a reply token leads, also one that is used or too old. */
  replyLanes: ReadonlyMap<string, string>
}

export type NewLine = Omit<ChatLine, 'seq' | 'id' | 'at'>

export interface ChatOptions {
  context: EmulatorContext
  people: People
  stream: PageStream
}

const mostLines = 200
/** A load test has thousands of conversations; the page shows those that moved last. */
const mostLanes = 300
const mostRemembered = 5000

export function createChat({ context, people, stream }: ChatOptions): Chat {
  const store = createLines(context, stream)
  const sent = new Map<string, SentEvent>()
  const replyLanes = new Map<string, string>()
  /** By the list of events, which is the same object on all attempts. */
  const linesOf = new WeakMap<RawEvent[], ChatLine[]>()

  const notedLine = (outgoing: Outgoing, event: RawEvent): ChatLine | undefined => {
    const { platform } = outgoing
    const shown = shownEvent(platform, event, (id) => people.nameOf(platform, id))
    const conversation = conversationOf(platform, event)
    const lane = people.laneOf(platform, conversation)
    if (shown.userId !== undefined && (shown.note === 'followed' || shown.note === 'unfollowed'))
      people.setFollows(platform, shown.userId, shown.note === 'followed')
    if (shown.replyToken !== undefined) remember(replyLanes, shown.replyToken, lane)
    if (outgoing.operation !== 'events') return undefined
    const webhook = randomUUID()
    remember(sent, webhook, {
      ...{ platform, conversation },
      ...(shown.userId === undefined ? {} : { userId: shown.userId }),
      ...(typeof event.webhookEventId === 'string' ? { eventId: event.webhookEventId } : {}),
    })
    return store.show(lineOf(outgoing, lane, shown, people), webhook, shown)
  }
  const settle = (outgoing: Outgoing, delivery: NonNullable<ChatLine['delivery']>) => {
    for (const line of linesOf.get(outgoing.events ?? []) ?? []) store.change(line, { delivery })
  }
  const note = (line: Omit<NewLine, 'from'>) => store.add({ ...line, from: { kind: 'note' } })

  return {
    happened: (outgoing) => {
      const { events, shown } = outgoing
      if (!events || linesOf.has(events)) return
      const lines = events.flatMap((event) => notedLine(outgoing, event) ?? [])
      linesOf.set(events, lines)
      shown?.lines.push(...lines)
    },
    undelivered: (outgoing, outcome) => settle(outgoing, { status: 0, outcome, ms: 0 }),
    attempted: ({ outgoing, result, outcome, startedAt }) => {
      settle(outgoing, { status: result.status, outcome, ms: result.ms })
      for (const { webhook = '' } of linesOf.get(outgoing.events ?? []) ?? []) {
        const event = sent.get(webhook)
        if (event) Object.assign(event, { startedAt: event.startedAt ?? startedAt, endedAt: Date.now() })
      }
    },
    said: (entry) => {
      const { platform, messages = [], via } = entry
      for (const lane of lanesOf(entry, people)) {
        if (isBlocked(platform, lane, people)) {
          note({ platform, lane, note: 'blocked', words: 'Not shown: the user has blocked the bot' })
          continue
        }
        for (const message of messages as RawEvent[])
          store.add({ platform, lane, from: { kind: 'bot' }, message, ...(via ? { via } : {}) })
      }
    },
    called: (call) => {
      const { platform, operation, answer } = call
      const lane = laneOfCall(call, { replyLanes, people })
      if (lane === undefined || (answer && answer.status < 400)) return
      if (answer) {
        const error = { status: answer.status, body: bodyText(answer.body) }
        note({
          platform,
          lane,
          note: 'refused',
          words: `The platform refused ${operation}: ${error.status}`,
          error,
        })
      } else {
        const words = `No answer to ${operation}${call.fault === undefined ? '' : ` (${call.fault})`}`
        note({ platform, lane, note: 'unanswered', words, error: { status: 0, body: '' } })
      }
    },
    add: store.add,
    lines: store.lines,
    after: store.after,
    byMessage: store.byMessage,
    sentEvent: (webhook) => sent.get(webhook),
    replyLanes,
  }
}

function createLines(context: EmulatorContext, stream: PageStream) {
  const lanes = new Map<string, ChatLine[]>()
  const byMessage = new Map<string, ChatLine>()
  const add = (given: NewLine): ChatLine => {
    const line = { seq: stream.nextSeq(), id: randomUUID(), at: context.clock(), ...given }
    const key = `${line.platform} ${line.lane}`
    const lines = lanes.get(key) ?? []
    lines.push(line)
    if (lines.length > mostLines) lines.shift()
    // Deleted first, so that the lane that moved last is the last one.
    lanes.delete(key)
    remember(lanes, key, lines, mostLanes)
    if (line.messageId !== undefined) remember(byMessage, `${line.platform} ${line.messageId}`, line)
    stream.publish({ kind: 'line', line })
    return line
  }
  const change = (line: ChatLine, news: Partial<ChatLine>): ChatLine => {
    Object.assign(line, news, { seq: stream.nextSeq() })
    stream.publish({ kind: 'line', line })
    return line
  }
  const all = () => [...lanes.values()].flat()
  return {
    add,
    change,
    /** A new line, or the earlier one that the event takes back or edits. */
    show: (line: NewLine, webhook: string, { changes, messageId, message }: ShownEvent): ChatLine => {
      const earlier = changes && byMessage.get(`${line.platform} ${messageId ?? ''}`)
      if (!earlier) return add({ ...line, webhook })
      const news = changes === 'edit' && message ? { edited: true, message } : { unsent: true }
      if (changes === 'unsend') delete earlier.message
      // What becomes of this event, no longer of the one that sent the message.
      delete earlier.delivery
      return change(earlier, { ...news, webhook })
    },
    lines: (platform: PlatformName) =>
      all()
        .filter((line) => line.platform === platform)
        .sort((a, b) => a.at - b.at || a.seq - b.seq),
    after: (seq: number) =>
      all()
        .filter((line) => line.seq > seq)
        .sort((a, b) => a.seq - b.seq),
    byMessage: (platform: PlatformName, messageId: string) => byMessage.get(`${platform} ${messageId}`),
  }
}

function lineOf(outgoing: Outgoing, lane: string, event: ShownEvent, people: People): NewLine {
  const { platform, shown } = outgoing
  const { userId, message = shown?.message, messageId, note, words } = event
  const isSaid = userId !== undefined && (note === undefined || note === 'postback')
  return {
    ...{ platform, lane },
    from: isSaid ? { kind: 'user', id: userId, name: people.nameOf(platform, userId) } : { kind: 'note' },
    ...(message ? { message } : {}),
    ...(messageId === undefined ? {} : { messageId }),
    ...(note ? { note } : {}),
    ...(words === undefined ? {} : { words }),
    ...(shown?.content === undefined ? {} : { content: shown.content }),
  }
}

/** Whose phones show it: of a broadcast everybody's. */
function lanesOf({ platform, conversation, to = [] }: LedgerEntry, people: People): string[] {
  if (conversation) return [people.laneOf(platform, conversation)]
  const ids = to.includes('*') ? people.users(platform).map(({ id }) => id) : to
  return ids.map((id) => `user:${id}`)
}

/** LINE takes such a message and drops it [doc R#send-push-message]. */
function isBlocked(platform: PlatformName, lane: string, people: People): boolean {
  if (platform !== 'line' || !lane.startsWith('user:')) return false
  return !people.follows('line', lane.slice('user:'.length))
}

function bodyText(body: unknown): string {
  if (body === undefined) return ''
  if (Buffer.isBuffer(body)) return `[${body.length} bytes]`
  return (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 2000)
}

/** Sets, and forgets what was set first when there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T, most = mostRemembered): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}
