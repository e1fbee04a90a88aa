import type { Conversation, PlatformName } from '#libs/contract'

/** One thing that the emulator saw or did. Holds no credential: no access, reply or hook token. */
export interface LedgerEntry {
  /** 1, 2, 3 …: the order in which things happened. */
  seq: number
  /** Emulator's clock, Unix milliseconds. */
  at: number
  platform: PlatformName
  /**
   * - `message`: accepted by the platform, so the user sees it.
   * - `api`: one API call, whatever came of it.
   * - `webhook`: one attempt to deliver events to the bot.
   */
  kind: 'message' | 'api' | 'webhook'
  /** `reply`, `push`, `users.messages`, …; of a webhook: `events` or `url_verification`. */
  operation: string
  /** HTTP status that we answered (message, api) or that the bot answered (webhook); 0: none. */
  status: number
  /** Where it was said; absent when there are several recipients. */
  conversation?: Conversation
  /** Recipients of a message; `*` for everybody. */
  to?: string[]
  /** The platform's own message objects: what the bot said, on a webhook what the user said. */
  messages?: unknown[]
  /** Which way a message came: LINE reply or push, an API post, or Tocaro's inbound webhook. */
  via?: 'reply' | 'push' | 'api' | 'webhook'
  retryKey?: string
  requestId?: string
  /** Webhook: LINE's ids of the events in it. */
  eventIds?: string[]
  /** Webhook: 0 for the first attempt. */
  attempt?: number
  /** Webhook: what became of the attempt. */
  outcome?: string
  /** The fault that was played. */
  fault?: string
  ms?: number
}

export type NewEntry = Omit<LedgerEntry, 'seq' | 'at'>

/** Which messages; all without it. */
export interface MessageFilter {
  platform?: PlatformName
  /** Id of the conversation, or of one of several recipients. */
  conversation?: string
}

/** What the emulator saw, in order. */
export interface Ledger {
  append(entry: NewEntry): LedgerEntry
  /** Everything after `seq`; 0 for all. */
  after(seq: number): LedgerEntry[]
  /** Accepted messages, oldest first. */
  messages(filter?: MessageFilter): LedgerEntry[]
  /** The first entry, past or to come, that matches; rejects with `LedgerTimeoutError`. */
  waitFor(predicate: (entry: LedgerEntry) => boolean, timeoutMs: number): Promise<LedgerEntry>
  /** One more access token was issued. */
  tokenMinted(platform: PlatformName): void
  tokensMinted(platform: PlatformName): number
}

export interface LedgerOptions {
  clock: () => number
  /** How many entries are kept; the oldest go first. */
  capacity?: number
  /** Told of each entry. */
  onAppend?: (entry: LedgerEntry) => void
}

/** Nothing in the ledger matched in time. The message ends with what was there last. */
export class LedgerTimeoutError extends Error {
  override name = 'LedgerTimeoutError'
}

export function createLedger({ clock, capacity = 100_000, onAppend }: LedgerOptions): Ledger {
  let entries: LedgerEntry[] = []
  let seq = 0
  const waiters = createWaiters()
  const minted: Record<PlatformName, number> = { line: 0, lineworks: 0, tocaro: 0 }

  const append = (entry: NewEntry): LedgerEntry => {
    const full = { seq: ++seq, at: clock(), ...entry }
    entries.push(full)
    // Dropping in blocks keeps each append cheap; `after` shows no more than `capacity`.
    if (entries.length >= capacity * 2) entries = entries.slice(-capacity)
    waiters.tell(full)
    onAppend?.(full)
    return full
  }
  // Sequence numbers have no gaps, so the place of an entry follows from its number.
  const after = (last: number) => {
    const news = Math.min(seq - last, capacity)
    return news > 0 ? entries.slice(-news) : []
  }

  return {
    append,
    after,
    messages: (filter = {}) => after(0).filter((entry) => entry.kind === 'message' && matches(entry, filter)),
    waitFor: async (predicate, timeoutMs) => {
      const found = entries.find(predicate) ?? (await waiters.wait(predicate, timeoutMs))
      if (found) return found
      throw new LedgerTimeoutError(describeTimeout(entries, timeoutMs))
    },
    tokenMinted: (platform) => {
      minted[platform]++
    },
    tokensMinted: (platform) => minted[platform],
  }
}

type Predicate = (entry: LedgerEntry) => boolean

/** Those who wait for an entry that is not there yet; undefined when it did not come in time. */
function createWaiters() {
  const waiting = new Map<Predicate, (entry: LedgerEntry | undefined) => void>()
  return {
    tell: (entry: LedgerEntry) => {
      for (const [predicate, resolve] of waiting) if (predicate(entry)) resolve(entry)
    },
    wait: (condition: Predicate, timeoutMs: number) =>
      new Promise<LedgerEntry | undefined>((resolve) => {
        // An own function, as two may wait with the same condition.
        const predicate: Predicate = (entry) => condition(entry)
        const done = (entry: LedgerEntry | undefined) => {
          clearTimeout(timer)
          waiting.delete(predicate)
          resolve(entry)
        }
        // A forgotten wait keeps no process alive.
        const timer = setTimeout(() => done(undefined), timeoutMs).unref()
        waiting.set(predicate, done)
      }),
  }
}

function matches(entry: LedgerEntry, { platform, conversation }: MessageFilter): boolean {
  if (platform !== undefined && entry.platform !== platform) return false
  if (conversation === undefined) return true
  return entry.conversation?.id === conversation || (entry.to ?? []).includes(conversation)
}

function describeTimeout(entries: LedgerEntry[], timeoutMs: number): string {
  const last = entries
    .slice(-5)
    .map((e) => `#${e.seq} ${e.kind} ${e.platform} ${e.operation} ${e.status} ${e.outcome ?? ''}`.trimEnd())
  return `No ledger entry matched within ${timeoutMs} ms. Last entries: ${last.join('; ') || 'none'}.`
}
