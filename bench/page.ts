import type { Facts } from './facts'
import { type Section, type Table, ratioTable } from './section'

/** The page that a full run leaves behind. */
export function performancePage(facts: Facts, sections: Section[]): string {
  return [
    '<!-- Written by `npm run bench`. Run it again instead of changing this page. -->',
    '',
    '# Performance: measured side by side',
    '',
    intro,
    '',
    markdown({ head: ['', ''], rows: factRows(facts) }),
    '',
    '## Goals',
    '',
    markdown(ratioTable(sections.flatMap(({ ratios }) => ratios).filter(({ goal }) => goal))),
    '',
    ...sections.flatMap(pageSection),
    howTo,
    '',
  ].join('\n')
}

/** The same for the terminal. */
export function terminalText({ title, tables, ratios }: Section): string {
  const all = ratios.length > 0 ? [...tables, ratioTable(ratios)] : tables
  return [`\n${title}`, ...all.map((table) => `\n${aligned(table)}`)].join('\n')
}

/** File name of a plot, below docs/images. */
export function plotFile(name: string): string {
  return `performance-${name}.svg`
}

function pageSection({ title, text, tables, ratios, plots, ownRun }: Section): string[] {
  return [
    `## ${title}`,
    '',
    ...(ownRun === undefined ? [] : [ownRunLine(ownRun), '']),
    text,
    '',
    ...tables.flatMap((table) => [...(table.caption ? [table.caption, ''] : []), markdown(table), '']),
    ...(ratios.length > 0 ? [markdown(ratioTable(ratios)), ''] : []),
    ...plots.flatMap(({ name, title: alt }) => [`![${alt}](images/${plotFile(name)})`, '']),
  ]
}

function ownRunLine({ date, rounds, seconds }: NonNullable<Section['ownRun']>): string {
  return `Measured in a run of its own, on ${date}: ${rounds} rounds of ${seconds} s each.`
}

function markdown({ head, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_cell, i) => (i === 0 ? '---' : '--:'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function aligned({ caption, head, rows }: Table): string {
  const all = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('**', '')))
  const widths = head.map((_cell, i) => Math.max(...all.map((cells) => cells[i]?.length ?? 0)))
  const lines = all.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return [...(caption === undefined ? [] : [caption]), ...lines].join('\n')
}

function factRows(facts: Facts): string[][] {
  return [
    ['Date', facts.date],
    ['Hookline', facts.hookline],
    ['Node', facts.node],
    ['Redis', facts.redis],
    ['Durability', 'append-only file, `appendfsync everysec`, unless a row says otherwise'],
    ['CPU', `${facts.cores} × ${facts.cpu}`],
    ['Shares the machine', `load generator, sink, Redis and the measured process; ${facts.load}`],
    ['Pinning', facts.pinning],
    ['Load generator', facts.generator],
    [
      'Rounds',
      `${facts.rounds} of ${facts.seconds} s each, subjects of a table interleaved (every other round in reverse)`,
    ],
  ]
}

const intro = `Absolute figures mean nothing here: they belong to this machine, which everything shares. Ratios do: each is computed
within a round, between subjects that were measured right after one another, and what stands in the table is the median of
these, with the smallest and the largest in brackets. CPU is user and system time of all threads of the process per
operation.`

const howTo = `## Again

\`\`\`
npm run bench                              # everything; writes this page and its plots
npm run bench -- --only ingress            # ingress, latency, ack, worker, way, memory, steady, growth; may be repeated
npm run bench -- --rounds 3 --seconds 3    # shorter
npm run bench -- --quick                   # does it work? a minute or two, no page
npm run bench -- --only steady --minutes 60 --beside .hookline/bench/LAST.json    # an hour; the rest of the page from that run
npm run bench -- --keep                    # keeps logs and Redis's data, and says where
\`\`\`

It needs a \`redis-server\` or \`valkey-server\` on the PATH, and starts it and everything else by itself. Every sample of every
round is in \`.hookline/bench\`. Only a full run writes this page, or a part beside the file
of a full run. A measurement whose results are wrong (something
acknowledged is not stored, an answer is missing, comes twice or out of order) fails the run, whatever its speed.`
