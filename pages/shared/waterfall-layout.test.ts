import type { Step } from '#libs/contract'
import { failed, layOut, type WaterfallStory } from './waterfall-layout'

const t0 = 1_700_000_000_000

/** Steps as `[name, begins, lasts, rest]`, in milliseconds since the beginning. */
type Short = [name: Step['name'], begins: number, lasts?: number | undefined, rest?: Partial<Step>]

function story(steps: Short[], rest: Partial<WaterfallStory> = {}): WaterfallStory {
  return {
    id: 'E1',
    bot: 'shop',
    platform: 'line',
    lane: 'user:U1',
    conversation: { kind: 'user', id: 'U1' },
    type: 'text',
    occurredAt: t0,
    receivedAt: t0,
    storedAt: t0 + 3,
    endedAt: t0 + 100_000,
    state: 'done',
    failures: 0,
    steps: steps.map(([name, at, ms, more]) => ({
      name,
      at: t0 + at,
      ...(ms === undefined ? {} : { ms }),
      ...more,
    })),
    ...rest,
  }
}

const quick: Short[] = [
  ['received', 0],
  ['verified', 1],
  ['stored', 3],
  ['waited', 3, 4],
  ['handler', 7, 20],
  ['send', 27, 53, { status: 200 }],
  ['delivered', 80],
]

const after429: Short[] = [
  ['received', 0],
  ['stored', 3],
  ['handler', 7, 3],
  ['send', 10, 30, { status: 429, code: 'api_rate_limited', operation: 'push' }],
  ['waited', 40, 10_000, { code: 'closed' }],
  ['permit', 10_040, 2],
  ['send', 10_042, 38, { status: 200, operation: 'push' }],
  ['delivered', 10_080],
]

const rowsOf = (w: ReturnType<typeof layOut>) => w.groups.flatMap((group) => group.rows)
const row = (w: ReturnType<typeof layOut>, name: Step['name']) => rowsOf(w).find((r) => r.step.name === name)!

describe('axis', () => {
  it('is even where nothing hides anything', () => {
    const w = layOut(story(quick), t0)
    expect(w.cuts).toEqual([])
    expect(row(w, 'handler').left).toBeCloseTo(7 / 80)
    expect(row(w, 'handler').width).toBeCloseTo(20 / 80)
    expect(row(w, 'delivered').left).toBeCloseTo(1)
  })

  it('is cut through a long wait, so that short steps can be seen', () => {
    const w = layOut(story(after429), t0)
    expect(w.cuts).toEqual([expect.objectContaining({ ms: 10_000, width: 0.14 })])
    expect(row(w, 'waited').width).toBeCloseTo(0.14)
    expect(row(w, 'handler').width).toBeGreaterThan(0.03)
    expect(row(w, 'delivered').left).toBeCloseTo(1)
  })

  it('is cut at each of many waits, which leave half of it to the rest', () => {
    const steps = [0, 1, 2, 3, 4].flatMap((n): Short[] => [
      ['send', n * 5100, 100, { status: 500, code: 'api_unavailable' }],
      ['waited', n * 5100 + 100, 5000],
    ])
    const w = layOut(story(steps), t0)
    expect(w.cuts).toHaveLength(5)
    const cut = w.cuts.reduce((sum, each) => sum + each.width, 0)
    expect(cut).toBeCloseTo(0.5)
    expect(row(w, 'send').width).toBeCloseTo(0.1)
  })

  it('stays even for a handler that is just slower than the rest', () => {
    const w = layOut(
      story([
        ['received', 0],
        ['stored', 3],
        ['handler', 5, 400],
        ['send', 405, 40],
      ]),
      t0,
    )
    expect(w.cuts).toEqual([])
  })

  it('is whole where there is only one step with a length', () => {
    const w = layOut(story([['handler', 0, 5000]]), t0)
    expect(w.cuts).toEqual([])
    expect(row(w, 'handler')).toMatchObject({ left: 0, width: 1 })
  })

  it('has a beginning where all happened within one millisecond', () => {
    const w = layOut(
      story([
        ['received', 0],
        ['stored', 0],
      ]),
      t0,
    )
    expect(w.ticks).toEqual([{ left: 0, ms: 0 }])
    expect(rowsOf(w).map(({ left }) => left)).toEqual([0, 0])
  })

  it('begins with the earliest step where two clocks differ', () => {
    const w = layOut(
      story([
        ['received', 0],
        ['handler', -5, 10],
      ]),
      t0,
    )
    expect(row(w, 'received').left).toBeCloseTo(0.5)
    expect(row(w, 'received').fromMs).toBe(5)
  })
})

describe('ticks', () => {
  it('stand at round times, not closer than can be read, and in no cut', () => {
    const { ticks, tickStep, cuts } = layOut(story(after429), t0)
    expect([1, 2, 5, 10, 20, 50]).toContain(tickStep)
    for (const { ms } of ticks) expect(ms % tickStep).toBe(0)
    const gaps = ticks.slice(1).map(({ left }, i) => left - ticks[i]!.left)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.08)
    const [cut] = cuts
    const middle = cut!.left + cut!.width / 2
    expect(Math.min(...ticks.map(({ left }) => Math.abs(left - middle)))).toBeGreaterThanOrEqual(
      cut!.width / 2,
    )
    expect(ticks.at(-1)!.ms).toBeGreaterThan(10_000)
  })
})

describe('groups', () => {
  it('are one where nothing failed', () => {
    expect(layOut(story(quick), t0).groups).toHaveLength(1)
  })

  it('begin anew after a failed call, and count its tries', () => {
    const w = layOut(story(after429), t0)
    expect(w.groups.map(({ rows }) => rows.map(({ step }) => step.name))).toEqual([
      ['received', 'stored', 'handler', 'send'],
      ['waited', 'permit', 'send', 'delivered'],
    ])
    const sends = rowsOf(w).filter(({ step }) => step.name === 'send')
    expect(sends.map(({ call }) => call)).toEqual([
      { nth: 1, of: 2 },
      { nth: 2, of: 2 },
    ])
  })

  it('do not count calls that all went well as tries', () => {
    const w = layOut(
      story([
        ['send', 0, 5, { status: 200 }],
        ['send', 5, 5, { status: 200 }],
      ]),
      t0,
    )
    expect(rowsOf(w).map(({ call }) => call)).toEqual([undefined, undefined])
  })

  it('show the end with the try that led to it, and a replay on its own', () => {
    const w = layOut(
      story([
        ['handler', 0, 5, { code: 'handler_error' }],
        ['parked', 5, undefined, { code: 'attempts_used_up' }],
        ['replayed', 9000],
        ['handler', 9001, 5],
      ]),
      t0,
    )
    expect(w.groups.map(({ rows, replayed }) => [replayed, rows.length])).toEqual([
      [false, 2],
      [true, 2],
    ])
  })
})

describe('totals', () => {
  it('add up to the whole, each moment counted once', () => {
    const { totals } = layOut(
      story([
        ['received', 0],
        ['waited', 2, 10],
        ['handler', 12, 100],
        ['api', 20, 30],
        ['send', 112, 40],
      ]),
      t0,
    )
    expect(totals).toEqual({ ms: 152, own: 2, waiting: 10, handler: 70, platform: 70 })
  })
})

describe('under way', () => {
  const underWay = (steps: Short[], rest: Partial<WaterfallStory>) => {
    const open = story(steps, rest)
    delete open.endedAt
    return open
  }

  it('lets the step that is not over grow', () => {
    const open = underWay(
      [
        ['received', 0],
        ['handler', 10],
      ],
      { state: 'working' },
    )
    expect(row(layOut(open, t0 + 50), 'handler')).toMatchObject({ open: true, ms: 40 })
    expect(row(layOut(open, t0 + 90), 'handler').ms).toBe(80)
  })

  it('shows what it waits for, before that is a step', () => {
    const open = underWay(
      [
        ['received', 0],
        ['stored', 3],
      ],
      { state: 'waiting', reason: 'closed' },
    )
    const w = layOut(open, t0 + 1003)
    expect(row(w, 'waited')).toMatchObject({ open: true, ms: 1000, step: { code: 'closed' } })
    expect(w).toMatchObject({ live: true, totals: { waiting: 1000 } })
  })

  it('never runs backwards where the clock of the browser is behind', () => {
    const open = underWay(
      [
        ['received', 0],
        ['handler', 10],
      ],
      { state: 'working' },
    )
    expect(row(layOut(open, t0 - 500), 'handler').ms).toBe(0)
  })

  it('does not let a step grow that ended with the story', () => {
    expect(
      row(
        layOut(
          story([
            ['received', 0],
            ['handler', 10],
          ]),
          t0 + 90,
        ),
        'handler',
      ),
    ).toMatchObject({
      open: false,
      width: 0,
    })
  })
})

describe('failed', () => {
  it('is a call or handler with a code, never a wait', () => {
    expect(failed({ name: 'send', at: t0, status: 429 })).toBe(true)
    expect(failed({ name: 'handler', at: t0, code: 'handler_error' })).toBe(true)
    expect(failed({ name: 'send', at: t0, status: 200 })).toBe(false)
    expect(failed({ name: 'waited', at: t0, code: 'closed' })).toBe(false)
  })
})
