import { type AlertMessage, type AlertState, type PastAlert, type Step, alertKey } from './advance'

export type ChannelKind = 'webhook' | 'slack' | 'email' | 'room'

export interface ChannelStatus {
  lastError?: string
  /** When something was sent or tried last: Unix milliseconds. */
  lastAt?: number
}

/** What a channel has not been told yet. */
export interface Pending {
  channel: ChannelKind
  message: AlertMessage
}

/** All that evaluators know together. Kept as one text in Redis: it is small, and only one of them writes. */
export interface Book {
  states: AlertState[]
  pending: Pending[]
  /** Latest first. */
  past: PastAlert[]
  channels: Partial<Record<ChannelKind, ChannelStatus>>
  /** When an event of a bot was seen last, or the bot for the first time. */
  lastEventAt: Record<string, number>
}

export const emptyBook = (): Book => ({ states: [], pending: [], past: [], channels: {}, lastEventAt: {} })

const keptPast = 50

/** Writes down what a look changed, and what each channel is to be told of it. */
export function enter(book: Book, { states, messages, past }: Step, channels: ChannelKind[]): void {
  book.states = states
  book.past = [...past.reverse(), ...book.past].slice(0, keptPast)
  book.pending = book.pending.filter(({ channel }) => channels.includes(channel))
  for (const channel of channels) for (const message of messages) queue(book, { channel, message })
}

/** A channel that was away hears how things are now, not how they came about. */
function queue(book: Book, { channel, message }: Pending): void {
  const { finding, phase } = message
  const key = finding && alertKey(finding)
  const earlier = book.pending.findLast(
    (one) => one.channel === channel && one.message.finding && alertKey(one.message.finding) === key,
  )
  if (!earlier || earlier.message.phase === 'recovered') book.pending.push({ channel, message })
  else if (phase === 'recovered' && earlier.message.phase === 'firing')
    book.pending = book.pending.filter((one) => one !== earlier)
  else if (phase === 'recovered') earlier.message = message
  else earlier.message = { ...message, phase: earlier.message.phase }
}
