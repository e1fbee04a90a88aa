import type { Step, StepName, Story } from '#libs/contract'

/** What a waterfall needs of a story: nothing that was said. */
export type WaterfallStory = Omit<Story, 'text' | 'answers'>

/** Whose time a step is. `mark`: a moment. */
export type Part = 'waiting' | 'handler' | 'platform' | 'mark'

/** One line of the waterfall. `left` and `width` are shares (0–1) of the axis. */
export interface Row {
  step: Step
  part: Part
  left: number
  width: number
  /** Since the story's beginning: milliseconds. */
  fromMs: number
  /** Absent: a moment. */
  ms?: number
  /** It is not over yet. */
  open: boolean
  /** Of a call that was made more than once: the how manieth this is. */
  call?: { nth: number; of: number }
}

/** Rows that belong together: how it came in, then each try until one goes well. */
export interface Group {
  /** 1: all there is before anything failed. */
  nth: number
  replayed: boolean
  rows: Row[]
}

export interface Tick {
  left: number
  ms: number
}

/** A stretch in which nothing began or ended, drawn shorter than it was. */
export interface Cut {
  left: number
  width: number
  ms: number
}

export interface Totals {
  ms: number
  waiting: number
  handler: number
  platform: number
  /** The rest: Hookline itself. */
  own: number
}

export interface Waterfall {
  groups: Group[]
  ticks: Tick[]
  /** Between ticks, in milliseconds: how exact their words must be. */
  tickStep: number
  cuts: Cut[]
  totals: Totals
  /** It is not over: the last row grows. */
  live: boolean
}

const parts: Record<StepName, Part> = {
  received: 'mark',
  verified: 'mark',
  journaled: 'waiting',
  stored: 'mark',
  waited: 'waiting',
  handler: 'handler',
  permit: 'waiting',
  token: 'platform',
  send: 'platform',
  api: 'platform',
  delivered: 'mark',
  parked: 'mark',
  replayed: 'mark',
}

/** What is shorter is never cut, and what is cut is this many times longer than what is not. */
const shortestCutMs = 500
const cutRatio = 5
/** Of the axis: one cut, and all of them. */
const cutWidth = 0.14
const allCutsWidth = 0.5
const wantedTicks = 7
/** Longer words need more room: `10.02 s`. */
const roomOf = (ms: number) => (ms < 1000 ? 0.08 : 0.12)

export function layOut(story: WaterfallStory, now: number): Waterfall {
  const live = story.endedAt === undefined && (story.state === 'waiting' || story.state === 'working')
  const spans = spansOf(story, now, live)
  const axis = axisOf(spans)
  const rows = spans.map((span): Row => {
    const left = axis.place(span.from)
    return {
      step: span.step,
      part: span.part,
      left,
      width: axis.place(span.to) - left,
      fromMs: span.from - axis.start,
      ...(span.timed ? { ms: span.to - span.from } : {}),
      open: span.open,
    }
  })
  numberCalls(rows)
  return {
    groups: grouped(rows),
    ...ticksOf(axis),
    cuts: axis.cuts,
    totals: totalsOf(spans, axis),
    live,
  }
}

interface Span {
  step: Step
  part: Part
  from: number
  to: number
  timed: boolean
  open: boolean
}

function spansOf(story: WaterfallStory, now: number, live: boolean): Span[] {
  const steps = [...story.steps].sort((a, b) => a.at - b.at)
  const spans = steps.map((step, i): Span => {
    const part = parts[step.name]
    // Only the last step can still be going on; an earlier one without a length was cut short by a crash.
    const open = live && part !== 'mark' && step.ms === undefined && i === steps.length - 1
    const to = open ? Math.max(now, step.at) : step.at + (step.ms ?? 0)
    return { step, part, from: step.at, to, timed: open || step.ms !== undefined, open }
  })
  const waiting = live && story.state === 'waiting' && !spans.some((span) => span.open)
  return waiting ? [...spans, waitingNow(story, spans, now)] : spans
}

/** A wait becomes a step when it is over; until then the story's reason says why it waits. */
function waitingNow(story: WaterfallStory, spans: Span[], now: number): Span {
  const from = Math.max(story.storedAt, ...spans.map((span) => span.to))
  const step: Step = { name: 'waited', at: from, ...(story.reason ? { code: story.reason } : {}) }
  return { step, part: 'waiting', from, to: Math.max(now, from), timed: true, open: true }
}

interface Stretch {
  from: number
  to: number
  cut: boolean
}

interface Axis {
  start: number
  stretches: Stretch[]
  cuts: Cut[]
  /** Share of the axis that one millisecond takes where it is not cut. */
  perMs: number
  place: (at: number) => number
}

/** Time runs evenly, except through stretches so long that nothing else could be seen: those are cut. */
function axisOf(spans: Span[]): Axis {
  const moments = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const start = moments[0] ?? 0
  const stretches = moments.slice(1).map((to, i): Stretch => ({ from: moments[i] ?? to, to, cut: false }))
  cutLongest(stretches)

  const cutCount = stretches.filter((each) => each.cut).length
  const perCut = cutCount === 0 ? 0 : Math.min(cutWidth, allCutsWidth / cutCount)
  const evenMs = sum(stretches.filter((each) => !each.cut).map(lengthOf))
  const perMs = evenMs === 0 ? 0 : (1 - perCut * cutCount) / evenMs
  const widthOf = (each: Stretch) => (each.cut ? perCut : lengthOf(each) * perMs)

  const places = new Map([[start, 0]])
  const cuts: Cut[] = []
  let left = 0
  for (const each of stretches) {
    if (each.cut) cuts.push({ left, width: perCut, ms: lengthOf(each) })
    left += widthOf(each)
    places.set(each.to, left)
  }
  return { start, stretches, cuts, perMs, place: (at) => places.get(at) ?? 0 }
}

/** Cuts where the lengths fall apart most: the long ones above, all that they would hide below. */
function cutLongest(stretches: Stretch[]): void {
  const longestFirst = [...stretches].sort((a, b) => lengthOf(b) - lengthOf(a))
  let best = { ratio: cutRatio, count: 0 }
  for (const [i, stretch] of longestFirst.entries()) {
    const next = longestFirst[i + 1]
    if (!next || lengthOf(stretch) < shortestCutMs) break
    const ratio = lengthOf(stretch) / lengthOf(next)
    if (ratio >= best.ratio) best = { ratio, count: i + 1 }
  }
  const long = longestFirst.slice(0, best.count)
  if (sum(long.map(lengthOf)) < sum(longestFirst.slice(best.count).map(lengthOf))) return
  for (const stretch of long) stretch.cut = true
}

function ticksOf(axis: Axis): { ticks: Tick[]; tickStep: number } {
  if (axis.perMs === 0) return { ticks: [{ left: 0, ms: 0 }], tickStep: 1 }
  const tickStep = niceStep(1 / (axis.perMs * wantedTicks))
  const ticks: Tick[] = []
  for (const { from, to, cut } of axis.stretches) {
    if (cut) continue
    const first = Math.ceil((from - axis.start) / tickStep) * tickStep
    for (let ms = first; ms <= to - axis.start; ms += tickStep) {
      const left = axis.place(from) + (ms + axis.start - from) * axis.perMs
      const taken = [...ticks.map((tick) => tick.left), ...axis.cuts.map((c) => c.left + c.width / 2)]
      if (taken.every((each) => Math.abs(left - each) >= roomOf(ms))) ticks.push({ left, ms })
    }
  }
  return { ticks, tickStep }
}

/** 1, 2 or 5 of a power of ten, not below a millisecond. */
function niceStep(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, ms)))
  return ([1, 2, 5].find((n) => n * power >= ms) ?? 10) * power
}

/** No moment is counted twice: a call made inside a handler is the platform's time. */
function totalsOf(spans: Span[], { start, stretches }: Axis): Totals {
  const totals: Totals = { ms: 0, waiting: 0, handler: 0, platform: 0, own: 0 }
  for (const each of stretches) {
    const here = new Set(spans.filter((s) => s.from <= each.from && s.to >= each.to).map((s) => s.part))
    const part = (['platform', 'waiting', 'handler'] as const).find((name) => here.has(name)) ?? 'own'
    totals[part] += lengthOf(each)
  }
  totals.ms = (stretches.at(-1)?.to ?? start) - start
  return totals
}

function numberCalls(rows: Row[]): void {
  const calls = rows.filter(({ step }) => step.name === 'send' || step.name === 'api')
  for (const row of calls) {
    const same = calls.filter(({ step }) => sameCall(step, row.step))
    // The same operation may go well several times for several messages: only tries after a failure are counted.
    if (same.some(({ step }) => failed(step))) row.call = { nth: same.indexOf(row) + 1, of: same.length }
  }
}

const sameCall = (a: Step, b: Step) => a.name === b.name && a.operation === b.operation

/** A new group begins with the first step after a failure of the handler or a call, and with a replay. */
function grouped(rows: Row[]): Group[] {
  const groups: Group[] = [{ nth: 1, replayed: false, rows: [] }]
  let broken = false
  for (const row of rows) {
    const { name } = row.step
    const ends = name === 'delivered' || name === 'parked'
    const group = groups.at(-1)
    if (name === 'replayed' || (broken && !ends && name !== 'send' && name !== 'api')) {
      groups.push({ nth: groups.length + 1, replayed: name === 'replayed', rows: [row] })
      broken = false
    } else group?.rows.push(row)
    if (failed(row.step)) broken = true
  }
  return groups.filter((group) => group.rows.length > 0)
}

/** A wait has a code too, but nothing failed. */
export function failed({ name, code, status }: Step): boolean {
  if (parts[name] !== 'platform' && name !== 'handler') return false
  return code !== undefined || (status !== undefined && status >= 400)
}

const lengthOf = ({ from, to }: { from: number; to: number }) => to - from
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
