import type { Call, Entry, Target } from '#libs/contract'
import { type CallPlan, type DeadLetter, type Item, type ReplayPlan, adviceFor, callsOf } from '#libs/mailbox'
import { fit, padTo, plain, textWidth, wrap } from './text-width'

/** How dead letters look on a terminal. `width` is its columns; Infinity where the output is no terminal. */
export interface Look {
  width: number
  now: number
  /** How much of an id is shown: enough to tell all ids apart. */
  idLength: number
}

/** `45s`, `12m`, `5h`, `3d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`
}

/** Local time with its offset, as a person compares it with a log or a chat. */
export function clock(ms: number): string {
  const offset = -new Date(ms).getTimezoneOffset()
  const local = new Date(ms + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ')
  const two = (n: number) => String(n).padStart(2, '0')
  return `${local} ${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
}

export function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
}

/** What happened, with its first words. */
export function eventText(event: Entry): string {
  const words = wordsOf(event)
  return words === undefined ? event.type : `${event.type} ${words}`
}

function wordsOf(event: Entry): string | undefined {
  if (event.type === 'unknown') return `(${plain(event.reason)})`
  if ('text' in event) return quoted(event.text)
  if (event.type === 'postback') return quoted(event.data)
  if ('fileName' in event) return quoted(event.fileName)
  return undefined
}

const quoted = (text: string) => `"${plain(text)}"`

/** For the narrow place in a list: words in quotation marks are a text. */
function firstWords(event: Entry): string {
  return (event.type === 'text' ? wordsOf(event) : undefined) ?? eventText(event)
}

/** A message as the user would see it, or what kind it is: `[sticker]`. */
function messageText(message: Record<string, unknown>): string {
  const { type, text, altText } = message
  if (typeof text === 'string') return quoted(text)
  const kind = `[${plain(typeof type === 'string' ? type : 'message')}]`
  return typeof altText === 'string' ? `${kind} ${quoted(altText)}` : kind
}

const targetText = ({ kind, id }: Target) => `${kind} ${plain(id)}`
const laneText = ({ lane, item }: DeadLetter) =>
  item.event.conversation.kind === 'none' ? 'none' : plain(lane)

/** Long lines are hard to read; what is no terminal gets them whole. */
const readable = (width: number) => (width === Infinity ? width : Math.min(width, 120))

/** One line per letter under a head line, as wide as the terminal. */
export function listTable(letters: DeadLetter[], { width, now, idLength }: Look): string[] {
  const narrow = width < 100
  const columns: { head: string; max: number; of: (letter: DeadLetter) => string }[] = [
    { head: 'ID', max: idLength, of: ({ id }) => id.slice(0, idLength) },
    { head: 'AGE', max: 4, of: ({ parkedAt }) => age(now - parkedAt) },
    { head: 'BOT', max: narrow ? 10 : 24, of: ({ bot }) => plain(bot) },
    { head: 'CONVERSATION', max: narrow ? 11 : width === Infinity ? Infinity : 24, of: laneText },
    { head: 'REASON', max: narrow ? 21 : Infinity, of: ({ reason }) => plain(reason) },
    { head: 'TRIES', max: 5, of: ({ item }) => String(item.failures) },
  ]
  const rows = letters.map((letter) => ({
    cells: columns.map(({ of, max }) => fit(of(letter), max)),
    event: firstWords(letter.item.event),
  }))
  const widths = columns.map(({ head }, i) =>
    rows.reduce((most, { cells }) => Math.max(most, textWidth(cells[i] ?? '')), head.length),
  )
  const line = (cells: string[], last: string) => {
    const start = cells.map((cell, i) => padTo(cell, widths[i] ?? 0)).join('  ')
    const room = width === Infinity ? 80 : Math.max(8, width - textWidth(start) - 2)
    return `${start}  ${fit(last, room)}`
  }
  return [
    line(
      columns.map(({ head }) => head),
      'EVENT',
    ),
    ...rows.map(({ cells, event }) => line(cells, event)),
  ]
}

/** The whole story of one letter. */
export function story(letter: DeadLetter, look: Look): string[] {
  const { item } = letter
  const { event } = item
  const inner = readable(look.width)
  const ago = (ms: number) => `${clock(ms)} (${age(look.now - ms)} ago)`
  const facts: [string, string][] = [
    ['bot', `${plain(letter.bot)} (${event.platform})`],
    ['conversation', targetOrNone(event)],
    ...(event.userId === undefined || event.userId === event.conversation.id
      ? []
      : [['user', plain(event.userId)] as [string, string]]),
    ['happened', ago(event.occurredAt)],
    ['parked', ago(letter.parkedAt)],
    ['reason', plain(letter.reason)],
    ...(item.replays === undefined ? [] : [['replayed', count(item.replays, 'time')] as [string, string]]),
  ]
  return [
    `Dead letter ${letter.id}`,
    '',
    ...facts.map(([name, value]) => `  ${padTo(name, 14)}${value}`),
    '',
    ...indented(letter.explanation, inner, 2),
    '',
    event.type === 'push' ? 'Push: sent through the HTTP API' : `Event: ${event.type}`,
    ...eventLines(event, inner),
    '',
    ...messageLines(letter, inner),
    '',
    ...attemptLines(letter, inner),
    '',
    'What to do',
    ...indented(adviceFor(letter.reason), inner, 2),
  ]
}

function targetOrNone({ conversation: { kind, id } }: Entry): string {
  return kind === 'none' ? 'none: it concerns the bot itself' : `${kind} ${plain(id)}`
}

/** Several lines of any text, wrapped and indented; its own line breaks are kept. */
function indented(text: string, width: number, by: number): string[] {
  const indent = ' '.repeat(by)
  return text.split('\n').flatMap((line) => {
    const lead = indent + ' '.repeat(Math.min(8, line.search(/[^ ]|$/)))
    return wrap(plain(line), width - lead.length).map((part) => `${lead}${part}`.trimEnd())
  })
}

const rawShown = 600

function eventLines(event: Entry, width: number): string[] {
  if (event.type === 'unknown') {
    const raw = typeof event.raw === 'string' ? event.raw : JSON.stringify(event.raw ?? null)
    const cut = raw.length > rawShown ? `${raw.slice(0, rawShown)}… (all of it: --json)` : raw
    return [...indented(`${event.reason}. As it came:`, width, 2), ...indented(cut, width, 4)]
  }
  if ('text' in event) return indented(event.text, width, 2)
  const words = wordsOf(event)
  return words === undefined ? [] : indented(words, width, 2)
}

const states: Record<string, string> = {
  sent: '✓ sent',
  sending: '? may have been sent',
  waiting: '✗ not sent',
  dropped: '✗ dropped',
}

function noMessages({ event, handled }: Item): string {
  if (event.type === 'push') return `Messages: ${count(event.messages.length, 'message')}, none tried`
  return handled ? 'Messages: none' : 'Messages: none, the handler did not come to its end'
}

function messageLines({ item }: DeadLetter, width: number): string[] {
  const calls = callsOf(item)
  if (calls.length === 0) return [noMessages(item)]
  const lines = calls.flatMap((call) => {
    const state = states[call.state === 'waiting' && call.uncertain ? 'sending' : call.state] ?? call.state
    const head = `  ${padTo(state, 22)}${operationText(call)} to ${targetText(call.target)}`
    return [head, ...call.messages.flatMap((message) => indented(messageText(message), width, 24))]
  })
  return ['Messages', ...lines]
}

/** `parked` is our own word for a reply that no reply token carries. */
function operationText({ operation }: Call): string {
  return operation === 'parked' ? 'reply (more than a reply token takes)' : operation
}

function attemptLines({ item }: DeadLetter, width: number): string[] {
  if (item.attempts.length === 0) return ['Attempts: none failed']
  const unlisted = Math.max(0, item.failures - item.attempts.length)
  const lines = item.attempts.flatMap(({ at, step, code, words, status, requestId }) => [
    `  ${clock(at)}  ${step}  ${code}${status === undefined ? '' : `, HTTP ${status}`}${requestId === undefined ? '' : `, request ${plain(requestId)}`}`,
    ...indented(words, width, 4),
  ])
  return [
    `Attempts${unlisted > 0 ? ` (${unlisted} between the first and the second are not listed)` : ''}`,
    ...lines,
  ]
}

/** What a replay of this letter would do, a head line and what follows from the plan. */
export function planText(letter: DeadLetter, plan: ReplayPlan, { width, now, idLength }: Look): string[] {
  const { event } = letter.item
  const head = `${letter.id.slice(0, idLength)}  ${plain(letter.bot)} (${event.platform}), ${fit(laneText(letter), 24)}, ${age(now - event.occurredAt)} old: ${eventText(event)}`
  const inner = readable(width)
  return [fit(head, inner), ...planPhrases(letter, plan, now).flatMap((phrase) => indented(phrase, inner, 4))]
}

function planPhrases({ item }: DeadLetter, plan: ReplayPlan, now: number): string[] {
  if (plan.skip === 'not_understood')
    return ['stays: Hookline does not know this event, so it would be parked again at once. Discard it.']
  const of = (fate: CallPlan['fate']) => plan.calls.filter((call) => call.fate === fate)
  if (plan.skip === 'late_reply')
    return [
      `stays: no reply token carries this any more; --push sends it as a push, which is billed: ${messagesOf(of('withhold'))}`,
    ]
  const phrases = [
    ...(item.event.type === 'push' && !item.handled
      ? [`sends ${count(item.event.messages.length, 'message')}`]
      : []),
    ...(plan.runsHandler ? ['the handler runs again', ...repliesPhrase(plan, item.event, now)] : []),
    ...phraseFor(of('sent'), (messages) => `was sent, is not sent again: ${messages}`),
    ...phraseFor(of('dropped'), (messages) => `was given up by an earlier replay: ${messages}`),
    ...byTarget(of('send')).map(([to, calls]) => `sends ${amount(calls)} to ${to}: ${messagesOf(calls)}`),
    ...byTarget(of('push')).map(
      ([to, calls]) =>
        `pushes ${amount(calls)} to ${to} (billed: no reply token carries this any more): ${messagesOf(calls)}`,
    ),
    ...phraseFor(
      plan.calls.filter(({ maybeTwice }) => maybeTwice),
      (messages) => `may come twice, since an earlier try had no clear end: ${messages}`,
    ),
  ]
  return phrases.length === 0 ? ['nothing is left to send: it only leaves the dead letters'] : phrases
}

/** What becomes of the replies that a handler is going to give. */
function repliesPhrase(plan: ReplayPlan, { replyToken }: Entry, now: number): string[] {
  if (plan.replyToken === undefined) return []
  if (plan.replyToken === 'alive') {
    const left = Math.ceil(((replyToken?.expiresAt ?? now) - now) / 1000)
    return [`its replies are free if they leave within ${left} s, while the reply token is alive`]
  }
  return plan.late === 'push'
    ? ['its replies go out as pushes, which are billed: the reply token is dead']
    : ['its replies are suppressed: the reply token is dead. --push sends them as pushes, which are billed']
}

function phraseFor(calls: CallPlan[], phrase: (messages: string) => string): string[] {
  return calls.length === 0 ? [] : [phrase(messagesOf(calls))]
}

const messagesIn = (calls: CallPlan[]) => calls.flatMap(({ call }) => call.messages)
const amount = (calls: CallPlan[]) => count(messagesIn(calls).length, 'message')

const messagesNamed = 3

/** The first messages, each with its first words. */
function messagesOf(calls: CallPlan[]): string {
  const all = messagesIn(calls)
  const named = all.slice(0, messagesNamed).map((message) => fit(messageText(message), 60))
  return all.length > messagesNamed
    ? `${named.join(', ')} and ${all.length - messagesNamed} more`
    : named.join(', ')
}

function byTarget(calls: CallPlan[]): [string, CallPlan[]][] {
  const groups = new Map<string, CallPlan[]>()
  for (const plan of calls) {
    const to = targetText(plan.call.target)
    groups.set(to, [...(groups.get(to) ?? []), plan])
  }
  return [...groups]
}
