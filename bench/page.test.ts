import { performancePage, terminalText } from './page'
import { drawPlot, niceAbove } from './plot'
import { type Section, cell, ratioTable, tableOf } from './section'

const facts = {
  date: '2030-01-02',
  hookline: '0.1.0',
  node: 'v20.20.2',
  redis: 'Redis 7.0.15',
  cores: 2,
  cpu: 'Some CPU',
  load: 'load average before the run 0.1',
  pinning: 'nothing is pinned to a core',
  generator: 'wrk -t1 -c64',
  rounds: 3,
  seconds: 5,
}
const samples = { fast: [{ rate: 1000 }, { rate: 3000 }, { rate: 2000 }], slow: [{ rate: 10 }] }
const section: Section = {
  name: 'ingress',
  title: 'Ingress',
  text: 'How it is measured.',
  tables: [tableOf(samples, { fast: 'the fast one', slow: 'slow' }, [{ name: 'requests/s', key: 'rate' }])],
  ratios: [
    { what: 'fast / slow', values: [2, 3, 4], goal: { atLeast: 3 } },
    { what: 'slow / fast', values: [0.5], goal: { atMost: 0.4 } },
    { what: 'just so', values: [1] },
  ],
  plots: [],
  raw: samples,
}

test('a cell is the median, and the spread where there is one', () => {
  expect(cell([1000, 3000, 2000])).toBe('2,000 [1,000–3,000]')
  expect(cell([1.234], 2)).toBe('1.23')
  expect(cell([])).toBe('–')
  expect(cell([NaN])).toBe('–')
})

test('a goal is met or missed by the median', () => {
  expect(ratioTable(section.ratios).rows).toEqual([
    ['fast / slow', '3.00 [2.00–4.00]', '≥ 3', 'met'],
    ['slow / fast', '0.50', '≤ 0.4', '**missed**'],
    ['just so', '1.00', '', ''],
  ])
})

test('the page has the facts, the goals, and each section with its table', () => {
  const page = performancePage(facts, [section])
  expect(page).toMatch(/^<!-- Written by `npm run bench`/)
  for (const fact of ['2030-01-02', 'v20.20.2', 'Redis 7.0.15', '2 × Some CPU', 'appendfsync everysec'])
    expect(page).toContain(fact)
  expect(page).toContain('## Goals\n\n| ratio |')
  expect(page).toContain('| the fast one | 2,000 [1,000–3,000] |')
  expect(page).toContain('| slow | 10 |')
})

test('a section of another run says so', () => {
  const page = performancePage(facts, [{ ...section, ownRun: { date: '2030-02-03', rounds: 3, seconds: 4 } }])
  expect(page).toContain('## Ingress\n\nMeasured in a run of its own, on 2030-02-03: 3 rounds of 4 s each.\n')
})

test('the terminal shows the same, aligned', () => {
  const lines = terminalText(section).split('\n')
  expect(lines).toContain('the fast one  2,000 [1,000–3,000]')
  expect(lines).toContain('slow                           10')
})

describe('a plot', () => {
  const plot = {
    name: 'bots',
    title: 'Events < all',
    unit: 'events/s',
    labels: ['1', '10'],
    series: [{ name: 'rate', values: [50, 100] }],
  }

  test('has a bar per value, as high as the value', () => {
    const heights = [
      ...drawPlot({ ...plot, kind: 'bars' }).matchAll(/<rect x.* height="([\d.]+)" fill="#0072b2"/g),
    ]
    expect(heights.map(([, height]) => Number(height)).slice(0, 2)).toEqual([110, 220])
  })

  test('has a line through all values, and escaped words', () => {
    const svg = drawPlot({ ...plot, kind: 'lines' })
    expect(svg).toContain('<polyline points="')
    expect(svg).toContain('<title>Events &lt; all</title>')
  })

  test.each([
    [0, 1],
    [3, 5],
    [101, 200],
    [0.21, 0.25],
  ])('above %d its axis ends at %d', (value, end) => {
    expect(niceAbove(value)).toBeCloseTo(end)
  })
})
