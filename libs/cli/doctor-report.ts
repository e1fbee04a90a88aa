import type { Finding, FindingGroup, FindingState } from './doctor-finding'
import type { Paint } from './terminal'
import { plain, wrap } from './text-width'

const marks = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
  skipped: ['-', 'gray'],
} as const

export interface ReportStyle {
  paint: Paint
  /** Columns of the terminal. */
  width: number
}

/** The whole report as lines for people. */
export function reportLines(groups: FindingGroup[], { paint, width }: ReportStyle): string[] {
  const lines = groups.flatMap(({ title, findings }) => [
    '',
    paint('bold', title),
    ...findings.flatMap((finding) => findingLines(finding, width, paint)),
  ])
  return [...lines, '', summary(groups)]
}

function findingLines(finding: Finding, width: number, paint: Paint): string[] {
  const [mark, style] = marks[finding.state]
  const [first = '', ...rest] = wrap(plain(`${finding.name}: ${finding.found}`), width - 4)
  const block = (label: string, text: string | undefined, labelStyle: 'dim' | 'bold') => {
    if (text === undefined) return []
    const [head = '', ...tail] = wrap(plain(text), width - 9)
    return [`    ${paint(labelStyle, label)} ${head}`, ...tail.map((line) => `         ${line}`)]
  }
  return [
    `  ${paint(style, mark)} ${first}`,
    ...rest.map((line) => `    ${line}`),
    ...block('Why:', finding.why, 'dim'),
    ...block('Fix:', finding.remedy, 'bold'),
  ]
}

export function countOf(groups: FindingGroup[], state: FindingState): number {
  return groups.flatMap(({ findings }) => findings).filter((finding) => finding.state === state).length
}

function summary(groups: FindingGroup[]): string {
  const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
  const [problems, warnings] = [countOf(groups, 'problem'), countOf(groups, 'warning')]
  const [fine, left] = [countOf(groups, 'ok'), countOf(groups, 'skipped')]
  const head = problems === 0 ? 'No problem found' : `${many(problems, 'problem')} to mend`
  return `${head}: ${many(warnings, 'warning')}, ${fine} fine, ${left} skipped.`
}

/** The report as an object for `--json`. */
export function reportOf(groups: FindingGroup[]): object {
  const states = ['ok', 'warning', 'problem', 'skipped'] as const
  const counts = Object.fromEntries(states.map((state) => [state, countOf(groups, state)]))
  return { healthy: counts['problem'] === 0, counts, groups }
}
