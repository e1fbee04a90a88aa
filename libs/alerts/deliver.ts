import { HooklineError } from '#libs/contract'
import type { Logger } from '#libs/observability'
import { PushProblem } from '#libs/push'
import type { Book, ChannelKind, ChannelStatus, Pending } from './book'
import type { Channel } from './channels'
import { type Letter, type Manner, letterOf } from './message'
import { TooLate, within } from './within'

export interface DeliveryOptions {
  channels: Channel[]
  manner: Manner
  log: Logger
  now: () => number
  /** Keeps what was told so far; false: somebody else goes on, so stop. */
  keep: () => Promise<boolean>
}

/** Tells each channel what it has not been told. One that fails is tried again the next time, and holds up no other. */
export async function deliver(book: Book, options: DeliveryOptions): Promise<void> {
  // All of them to their end: what still ran would write this book over that of the next look.
  const ends = await Promise.allSettled(
    options.channels.map(async (channel) => {
      for (const pending of book.pending.filter((one) => one.channel === channel.kind))
        if (!(await deliverOne(book, pending, { ...options, channel }))) return
    }),
  )
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}

async function deliverOne(
  book: Book,
  pending: Pending,
  { channel, manner, log, now, keep }: DeliveryOptions & { channel: Channel },
): Promise<boolean> {
  const error = await sendVia(channel, letterOf(pending.message, manner))
  book.channels[channel.kind] = statusOf(error, now())
  if (error === undefined) book.pending = book.pending.filter((one) => one !== pending)
  else log.warn({ channel: channel.kind, error }, 'alert could not be sent; it is tried again')
  return (await keep()) && error === undefined
}

export function statusOf(error: string | undefined, at: number): ChannelStatus {
  return error === undefined ? { lastAt: at } : { lastAt: at, lastError: error }
}

/** Above the time limits of the channels themselves: Redis may hang, too. */
const sendMs = 15_000

/** Undefined when it was taken, else why not. */
export async function sendVia(channel: Channel, letter: Letter): Promise<string | undefined> {
  try {
    await within(sendMs, channel.send(letter))
    return undefined
  } catch (error) {
    // Words of others may hold the address, which may be a secret.
    const isOurs = error instanceof HooklineError || error instanceof PushProblem
    return isOurs || error instanceof TooLate ? error.message : 'It failed for an unknown reason.'
  }
}

export interface TestResult {
  kind: ChannelKind
  ok: boolean
  error?: string
}
