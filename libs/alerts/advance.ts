import { randomUUID } from 'node:crypto'
import type { Finding } from './rules'
import type { AlertRuleId } from './types'

/** One rule's trouble with one bot, over time. Times in Unix milliseconds. */
export interface AlertState extends Finding {
  /** When it was seen first. */
  since: number
  /** Evaluations in a row that found it. */
  seen: number
  /** Evaluations in a row that did not. */
  missed: number
  firing: boolean
  told?: { at: number; value: number; severity: Finding['severity'] }
}

export type Phase = 'firing' | 'reminder' | 'recovered' | 'test'

/** What is told once to each channel. */
export interface AlertMessage {
  /** The same when it is sent again. */
  id: string
  phase: Phase
  /** Of a test none. */
  finding?: Finding
  since: number
  at: number
}

export interface PastAlert extends Finding {
  since: number
  told?: number
  endedAt: number
}

export interface Circumstances {
  now: number
  /** Rules that could see something; what the others found before stays. */
  known: ReadonlySet<AlertRuleId>
  isOn: (rule: AlertRuleId) => boolean
  holdMs: (rule: AlertRuleId) => number
  /** 0: never. */
  reminderMs: number
}

export interface Step {
  states: AlertState[]
  messages: AlertMessage[]
  past: PastAlert[]
}

/** So many evaluations in a row must agree before it fires or is over: what flickers is not told. */
const needed = 2
/** Dead letters come in crowds: their growth is told at most so often. */
const growthMs = 600_000

export const alertKey = ({ rule, bot = '' }: Pick<Finding, 'rule' | 'bot'>) => `${rule} ${bot}`

/** What becomes of the alerts by one more look, and what is to be told. */
export function advance(before: AlertState[], findings: Finding[], around: Circumstances): Step {
  const step: Step = { states: [], messages: [], past: [] }
  const found = new Map(findings.map((finding) => [alertKey(finding), finding]))
  // A rule that was switched off leaves without a word.
  for (const state of before.filter(({ rule }) => around.isOn(rule))) {
    const finding = found.get(alertKey(state))
    found.delete(alertKey(state))
    if (finding) goesOn(state, finding, { step, around })
    else if (around.known.has(state.rule)) isMissed(state, { step, around })
    else step.states.push(state)
  }
  for (const finding of found.values())
    step.states.push({ ...finding, since: around.now, seen: 1, missed: 0, firing: false })
  return step
}

interface Turn {
  step: Step
  around: Circumstances
}

function goesOn(state: AlertState, finding: Finding, { step, around }: Turn): void {
  const { now, holdMs } = around
  const seen = state.seen + 1
  const fires = state.firing || (seen >= needed && now - state.since >= holdMs(state.rule))
  const next: AlertState = { ...state, ...finding, seen, missed: 0, firing: fires }
  step.states.push(next)
  const phase = fires ? phaseOf(next, around) : undefined
  if (phase === undefined) return
  next.told = {
    at: now,
    value: Math.max(finding.value ?? 0, state.told?.value ?? 0),
    severity: finding.severity,
  }
  step.messages.push({ id: randomUUID(), phase, finding, since: state.since, at: now })
}

/** Whether there is something to tell of an alert that fires, and as what. */
function phaseOf(
  { rule, value = 0, severity, told }: AlertState,
  { now, reminderMs }: Circumstances,
): Phase | undefined {
  if (!told) return 'firing'
  if (severity === 'critical' && told.severity === 'warning') return 'firing'
  if (rule === 'dead_letters' && value > told.value && now - told.at >= growthMs) return 'firing'
  return reminderMs > 0 && now - told.at >= reminderMs ? 'reminder' : undefined
}

function isMissed(state: AlertState, { step, around }: Turn): void {
  // What never fired must be found anew from the start.
  if (!state.firing) return
  const missed = state.missed + 1
  if (missed < needed) {
    step.states.push({ ...state, missed })
    return
  }
  const { told, since } = state
  const finding = findingOf(state)
  const { now } = around
  step.past.push({ ...finding, since, endedAt: now, ...(told ? { told: told.at } : {}) })
  step.messages.push({ id: randomUUID(), phase: 'recovered', finding, since, at: now })
}

function findingOf({ rule, bot, severity, words, value }: Finding): Finding {
  return {
    ...{ rule, severity, words },
    ...(bot === undefined ? {} : { bot }),
    ...(value === undefined ? {} : { value }),
  }
}
