import { randomUUID } from 'node:crypto'
import type { AlertConfig } from '#libs/config'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import { type AlertMessage, type AlertState, type Step, advance } from './advance'
import { type Book, type ChannelStatus, emptyBook, enter } from './book'
import { type Channel, channelKinds } from './channels'
import { type TestResult, deliver, sendVia, statusOf } from './deliver'
import { letterOf } from './message'
import type { AlertReadings } from './readings'
import { findAll, holdMs, isOn, redisFinding, ruleList } from './rules'
import { createAlertStore } from './store'
import type { AlertRuleId, AlertRule, FiringAlert } from './types'
import { within } from './within'
import { ruleWords } from './words'

export interface AlertOptions {
  redis: RedisClient
  /** What there is to see; rejects where it can't be seen now. */
  read: () => Promise<AlertReadings>
  channels: Channel[]
  settings: AlertConfig
  log: Logger
  clock?: () => number
}

/** What the console shows of the alerts. */
export interface AlertsOverview {
  rules: AlertRule[]
  firing: FiringAlert[]
  past: (FiringAlert & { endedAt: number })[]
  channels: ({ kind: Channel['kind']; set: boolean } & ChannelStatus)[]
}

export interface AlertDesk {
  /** Looks once, and tells what there is to tell. Of several consoles one does it. */
  evaluate(): Promise<void>
  firing(): Promise<FiringAlert[]>
  view(): Promise<AlertsOverview>
  /** Sends a test message through all channels that are set, and says what came of it. */
  test(): Promise<TestResult[]>
  close(): Promise<void>
}

const patienceMs = 10_000
const pingMs = 3000

/** The alerts of one console, without a clock of its own: `startAlerts` has one. */
export function createAlertDesk(options: AlertOptions): AlertDesk {
  const { redis, log, clock = Date.now } = options
  const store = createAlertStore(redis)
  /** Of Redis itself: what is kept there can't say it. */
  const own = emptyBook()
  /** As it was read last, for while Redis is away. */
  let known = emptyBook()
  const tested: Book['channels'] = {}
  const read = async () => {
    known = await within(pingMs, store.read()).catch(() => known)
    return known
  }
  const evaluate = async () => {
    const answers = await isThere(redis)
    await lookAtRedis(own, answers, options)
    if (!answers || !(await within(pingMs, store.lead()))) return
    const readings = await within(patienceMs, options.read())
    const book = await within(pingMs, store.read())
    lookAtAll(book, readings, options)
    const keep = () => within(pingMs, store.write(book))
    if (await keep()) await deliver(book, { ...options, ...aroundOf(options), keep })
  }
  return {
    evaluate,
    firing: async () => firingOf(own, await read()),
    view: async () => overviewOf({ own, shared: await read(), tested }, options),
    test: async () => {
      const results = await sendTest(options)
      for (const { kind, error } of results) tested[kind] = statusOf(error, clock())
      return results
    },
    close: async () => {
      await within(pingMs, store.leave()).catch((error: unknown) => {
        log.info({ error: String(error) }, 'the lease of the alerts runs out by itself')
      })
      await Promise.allSettled(options.channels.map((channel) => channel.close()))
    },
  }
}

async function isThere(redis: RedisClient): Promise<boolean> {
  return within(pingMs, redis.ping()).then(
    () => true,
    () => false,
  )
}

function aroundOf({ settings, clock = Date.now }: AlertOptions) {
  return {
    manner: { language: settings.alertLanguage, timeZone: settings.alertTimeZone },
    now: clock,
  }
}

function stepOf(
  before: AlertState[],
  look: { findings: Parameters<typeof advance>[1]; known: Set<AlertRuleId> },
  { settings, log, clock = Date.now }: AlertOptions,
): Step {
  const step = advance(before, look.findings, {
    now: clock(),
    known: look.known,
    isOn: (rule) => isOn(rule, settings),
    holdMs: (rule) => holdMs(rule, settings),
    reminderMs: settings.alertReminderMs,
  })
  for (const message of step.messages) logMessage(message, log)
  return step
}

function logMessage({ phase, finding }: AlertMessage, log: Logger): void {
  if (!finding) return
  const { rule, bot, severity, value, words } = finding
  const line = { rule, bot, severity, value, status: phase, words: words.en }
  if (phase === 'recovered') log.info(line, `alert is over: ${ruleWords[rule].title.en}`)
  else log.warn(line, `alert: ${ruleWords[rule].title.en}`)
}

/** Each console sees for itself whether Redis answers, and tells it through the channels that need no Redis. */
async function lookAtRedis(own: Book, answers: boolean, options: AlertOptions): Promise<void> {
  if (!isOn('redis_down', options.settings)) return
  const look = { findings: answers ? [] : [redisFinding()], known: new Set<AlertRuleId>(['redis_down']) }
  const channels = options.channels.filter(({ kind }) => kind !== 'room')
  enter(
    own,
    stepOf(own.states, look, options),
    channels.map(({ kind }) => kind),
  )
  await deliver(own, { ...options, ...aroundOf(options), channels, keep: () => Promise.resolve(true) })
}

function lookAtAll(book: Book, readings: AlertReadings, options: AlertOptions): void {
  const { settings, channels, clock = Date.now } = options
  const now = clock()
  remember(book, readings, now)
  const lastEventAt = (bot: string) => book.lastEventAt[bot] ?? now
  const look = findAll({ readings, settings, now, lastEventAt })
  enter(
    book,
    stepOf(book.states, look, options),
    channels.map(({ kind }) => kind),
  )
}

/** For the alert about silence. A bot that is seen for the first time has not been silent yet. */
function remember(book: Book, { bots, lastEventAt = {} }: AlertReadings, now: number): void {
  book.lastEventAt = Object.fromEntries(
    bots.map(({ bot, eventsPerMinute }) => {
      const seen = eventsPerMinute > 0 ? now : (book.lastEventAt[bot] ?? now)
      return [bot, lastEventAt[bot] ?? seen]
    }),
  )
}

/** With the words of one language and no more than the page needs. */
function shown({
  rule,
  bot,
  severity,
  value,
  words,
  since,
}: Omit<AlertState, 'seen' | 'missed' | 'firing' | 'told'>) {
  return {
    ...{ rule, severity, since, words: words.en },
    ...(bot === undefined ? {} : { bot }),
    ...(value === undefined ? {} : { value }),
  }
}

function firingOf(...books: Book[]): FiringAlert[] {
  return books
    .flatMap(({ states }) => states)
    .filter(({ firing }) => firing)
    .map((state) => ({ ...shown(state), ...(state.told ? { told: state.told.at } : {}) }))
    .sort((a, b) => rank(a) - rank(b) || a.since - b.since)
}

const rank = ({ severity }: FiringAlert) => (severity === 'critical' ? 0 : 1)

interface Books {
  own: Book
  shared: Book
  tested: Book['channels']
}

function overviewOf({ own, shared, tested }: Books, { settings, channels }: AlertOptions): AlertsOverview {
  const past = [...own.past, ...shared.past].sort((a, b) => b.endedAt - a.endedAt)
  return {
    rules: ruleList(settings),
    firing: firingOf(own, shared),
    past: past.map(({ told, endedAt, ...one }) => ({
      ...shown(one),
      ...(told === undefined ? {} : { told }),
      endedAt,
    })),
    channels: channelKinds.map((kind) => ({
      kind,
      set: channels.some((channel) => channel.kind === kind),
      ...latest([own.channels[kind], shared.channels[kind], tested[kind]]),
    })),
  }
}

function latest(statuses: (ChannelStatus | undefined)[]): ChannelStatus {
  return statuses
    .filter((status) => status !== undefined)
    .reduce((last, one) => ((one.lastAt ?? 0) >= (last.lastAt ?? 0) ? one : last), {})
}

async function sendTest(options: AlertOptions): Promise<TestResult[]> {
  const { manner, now } = aroundOf(options)
  const message: AlertMessage = { id: randomUUID(), phase: 'test', since: now(), at: now() }
  const letter = letterOf(message, manner)
  return Promise.all(
    options.channels.map(async (channel) => {
      const error = await sendVia(channel, letter)
      return { kind: channel.kind, ok: error === undefined, ...(error === undefined ? {} : { error }) }
    }),
  )
}
