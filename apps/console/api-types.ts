import type { AlertRule, FiringAlert } from '#libs/alerts'
import type { PlatformName, Story } from '#libs/contract'
import type {
  BotOverview,
  JournalSummary,
  ProcessKind,
  ProcessSummary,
  ProcessView,
  RedisSummary,
  SettingView,
} from '#libs/vitals'

export type { AlertRule, AlertRuleId, FiringAlert } from '#libs/alerts'
export type { FeedEntry } from '#libs/contract'
export type {
  BotOverview,
  BotState,
  Budget,
  Forecast,
  History,
  JournalSummary,
  ProcessKind,
  ProcessSummary,
  ProcessView,
  RedisSummary,
  SettingView,
} from '#libs/vitals'

/**
 * What the console's page and its server say to each other: types only, for both. All below `/api`, JSON. An error is
 * `{ error: code, message }` with the status that fits; the page shows `message`.
 *
 * Times are Unix milliseconds. What a user said is masked (`Masked`) until a reveal, which is written to the audit log.
 */
export type Role = 'viewer' | 'operator'

/** GET /api/session */
export interface Session {
  user: string
  role: Role
  /** Nobody may act, whatever the role: CONSOLE_READ_ONLY. */
  readOnly: boolean
  /** Goes back with every request that is not a GET, as header `x-csrf-token`. */
  csrf: string
  version: string
  /** Unix milliseconds. */
  expiresAt: number
}

/** A text that is not shown: its length in characters; or, revealed, itself. */
export type Masked = { masked: number } | { text: string }

/** GET /api/overview */
export interface Overview {
  at: number
  bots: BotOverview[]
  alerts: FiringAlert[]
  processes: ProcessSummary
  redis: RedisSummary
  journal: JournalSummary
}

/** GET /api/conversations?bot=&user=&text=&from=&to=&outcome=&cursor=&limit=50 . `text` is for operators and audited. */
export interface ConversationPage {
  conversations: ConversationRow[]
  /** Give it back as `cursor` for the next page; absent: no more. */
  cursor?: string
  /** The search stopped at this time, to stay quick: what is older was not looked at yet; `cursor` goes on. */
  searchedTo?: number
}

export interface ConversationRow {
  bot: string
  platform?: PlatformName
  lane: string
  userId?: string
  lastAt: number
  /** Of the latest story. */
  last?: { type: string; state: Story['state']; reason?: string; text?: Masked }
  /** Items that wait now. */
  waiting: number
}

/** Outcomes to search for. */
export type OutcomeFilter = 'done' | 'parked' | 'waiting' | 'failed'

/** GET /api/conversations/:bot/:lane?cursor= : latest first; `text` fields are masked. */
export interface ConversationView {
  bot: string
  platform?: PlatformName
  lane: string
  /** What the bot keeps: timelines end where it keeps less. */
  keeps: 'none' | 'metadata' | 'text'
  /** Under way, in the order of the lane, head first. */
  waiting: StoryView[]
  /** Ended, latest first. */
  ended: StoryView[]
  cursor?: string
  /** When the lane's next try begins, and why it waits. */
  waits?: { reason: string; until: number }
}

/** GET /api/stories/:bot/:id */
export type StoryView = Omit<Story, 'text' | 'answers'> & {
  text?: Masked
  answers: (Omit<Story['answers'][number], 'text'> & { text?: Masked })[]
}

/** GET /api/dead-letters?bot=&reason=&platform=&from=&to=&cursor=&limit=50, latest first. */
export interface DeadLetterPage {
  letters: DeadLetterRow[]
  cursor?: string
  /** All that the filter matches, not just this page. */
  total: number
  /** Of all that the filter matches but for its own reason: for the choice. */
  reasons: Record<string, number>
}

export interface DeadLetterRow {
  bot: string
  id: string
  platform: PlatformName
  lane: string
  userId?: string
  type: string
  parkedAt: number
  /** Of the event. */
  receivedAt: number
  reason: string
  /** For people, with the platform's own words. */
  explanation: string
  failures: number
  replays: number
}

/** GET /api/dead-letters/:bot/:id */
export interface DeadLetterView extends DeadLetterRow {
  /** What to do about this reason. */
  advice: string
  attempts: {
    at: number
    step: 'handler' | 'send'
    code: string
    words: string
    status?: number
    requestId?: string
  }[]
  text?: Masked
  calls: { operation: string; state: string; messages: number; to?: string; text?: Masked }[]
  story?: StoryView
  /** What a replay would do, without and with late replies as pushes. */
  plan: ReplayView
  planAsPush: ReplayView
}

export interface ReplayView {
  /** Whether it can be replayed this way at all; why not. */
  possible: boolean
  words: string
  /** The handler runs (again). */
  runsHandler: boolean
  calls: {
    operation: string
    to?: string
    messages: number
    /** `sent` stays sent, `send` goes out, `drop` is given up. */
    does: 'send' | 'stays_sent' | 'drop'
    /** It counts against a paid quota (LINE pushes). */
    billed: boolean
    /** It may have arrived before. */
    maybeTwice: boolean
  }[]
}

/** POST /api/dead-letters/replay (operator): those named, or all that match; `expect` must be the number that was shown. */
export interface ReplayRequest {
  letters?: { bot: string; id: string }[]
  filter?: DeadLetterFilter
  expect: number
  late?: 'push' | 'drop'
}
/** POST /api/dead-letters/discard (operator) */
export type DiscardRequest = Omit<ReplayRequest, 'late'>

export interface DeadLetterFilter {
  bot?: string
  reason?: string
  platform?: PlatformName
  from?: number
  to?: number
}

export interface BulkResult {
  done: number
  /** Not done, and why: somebody was faster, or it can't be replayed this way. */
  failed: { bot: string; id: string; words: string }[]
}

/** POST /api/reveal (operator, audited): the texts of one story or one dead letter, unmasked. */
export interface RevealRequest {
  bot: string
  story?: string
  deadLetter?: string
}
export interface Revealed {
  text?: string
  answers: { operation: string; text?: string }[]
  /** Of a dead letter: the event's raw body as JSON, without tokens. */
  raw?: string
}

/** POST /api/bots/:bot/pause|resume|hold|release (operator). `forMs`: it ends by itself after that. Answers BotOverview['state']. */
export interface StopRequest {
  reason?: string
  forMs?: number
}

/** POST /api/erase (operator, audited): everything that is kept of a user of a bot. */
export interface EraseRequest {
  bot: string
  userId: string
}
export interface Erased {
  stories: number
  deadLetters: number
  waiting: number
}

/** GET /api/tail?bot= : server-sent events, each `data` one FeedEntry (libs/mailbox) as JSON. */

/** GET /api/config */
export interface ConfigView {
  processes: {
    id: string
    kind: ProcessKind
    host: string
    /** Name → value as text; secrets only as set or unset. */
    settings: SettingView[]
    bots: { bot: string; platform: PlatformName; settings: SettingView[] }[]
  }[]
}

/** GET /api/health */
export interface HealthView {
  redis: (RedisSummary & {
    version?: string
    role?: string
    policy?: string
    persistence?: string
    clients?: number
    uptimeMs?: number
    keys?: number
    name: string
  })[]
  processes: ProcessView[]
}

/** GET /api/audit?cursor= : latest first. */
export interface AuditPage {
  entries: AuditEntry[]
  cursor?: string
}
export interface AuditEntry {
  at: number
  user: string
  role: Role
  /** `login`, `login_failed`, `logout`, `pause`, `resume`, `hold`, `release`, `replay`, `discard`, `reveal`, `search_text`, `erase`, `queue`. */
  action: string
  bot?: string
  /** What it was done to: an id, a user, a number. Never what somebody said. */
  target?: string
  details?: string
  ip: string
  result: 'ok' | 'refused' | 'failed'
}

/** GET /api/alerts */
export interface AlertsView {
  rules: AlertRule[]
  firing: FiringAlert[]
  /** Latest first. */
  past: (FiringAlert & { endedAt: number })[]
  channels: {
    kind: 'webhook' | 'slack' | 'email' | 'room'
    set: boolean
    lastError?: string
    lastAt?: number
  }[]
}
