import type { RunFacts } from './report'
import type { Result } from './run-scenario'
import type { Scenario } from './scenario'

/** The page that a full run leaves behind. */
export function certificate(facts: RunFacts, scenarios: Scenario[], results: Result[]): string {
  return [
    '<!-- Written by `npm run chaos`. Run it again instead of changing this page. -->',
    '',
    '# Certificate of the last full chaos run',
    '',
    verdict(results),
    '',
    `| | |\n|---|---|\n${factRows(facts)}`,
    '',
    '## Counts',
    '',
    '| scenario | sent | acked | delivered | lost | late | reordered | repeated | of these unknowable | parked | slowest ack | slowest answer | result |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|',
    ...results.map(row),
    total(results),
    '',
    words,
    '',
    '## What was done',
    '',
    '| scenario | what happens | in this run |',
    '|---|---|---|',
    ...scenarios.map(({ name, what }, i) => `| ${name} | ${what} | ${results[i]?.harm ?? ''} |`),
    '',
    limits,
    '',
  ].join('\n')
}

function verdict(results: Result[]): string {
  const failed = results.filter(({ offences }) => offences.length > 0)
  if (failed.length === 0) return `All ${results.length} scenarios passed.`
  return `**${failed.length} of ${results.length} scenarios failed: ${failed.map(({ name }) => name).join(', ')}.**`
}

function factRows({ date, seed, hookline, node, redis, fsync }: RunFacts): string {
  return [
    ['Date', date],
    ['Seed', seed],
    ['Hookline', hookline],
    ['Node', node],
    ['Redis', redis],
    ['Durability', `append-only file, \`appendfsync ${fsync}\``],
    ['Again', `\`npm run chaos -- --seed ${seed} --appendfsync ${fsync}\``],
  ]
    .map(([name, value]) => `| ${name} | ${value} |`)
    .join('\n')
}

function row(result: Result): string {
  const cells = [
    result.name,
    ...counts(result),
    `${result.slowestAckMs} ms`,
    `${(result.slowestAnswerMs / 1000).toFixed(1)} s`,
    result.offences.length === 0 ? 'ok' : '**FAILED**',
  ]
  return `| ${cells.join(' | ')} |`
}

type Counts = Pick<
  Result,
  'sent' | 'acked' | 'delivered' | 'lost' | 'late' | 'reordered' | 'repeated' | 'unknowable' | 'parked'
>

function counts(of: Counts): number[] {
  return [
    of.sent,
    of.acked,
    of.delivered,
    of.lost,
    of.late,
    of.reordered,
    of.repeated,
    of.unknowable,
    of.parked,
  ]
}

function total(results: Result[]): string {
  const sums = results.map(counts).reduce((a, b) => a.map((value, i) => value + (b[i] ?? 0)))
  const ack = Math.max(...results.map(({ slowestAckMs }) => slowestAckMs))
  const answer = Math.max(...results.map(({ slowestAnswerMs }) => slowestAnswerMs))
  return `| **all** | ${sums.join(' | ')} | ${ack} ms | ${(answer / 1000).toFixed(1)} s | |`
}

const words = `- **sent**: events that a platform sent. **acked**: those of them that the ingress answered with 200. From then on Hookline
  answers for them. What was not acked was cut off by a kill; LINE and Tocaro send it again (and it counts as acked when
  that is answered), LINE WORKS does not.
- **delivered**: acked events whose answer the platform accepted. **parked**: dead letters, which an operator can read.
- **lost**: acked, but neither delivered nor parked, and in no lane any more. **late**: still in a lane a minute after
  the harm ended. Both must be 0.
- **reordered**: answers that a user saw after a later one of the same conversation. Must be 0.
- **repeated**: answers that a user saw once more. **Unknowable** are those where no earlier call with that message had an
  answer that could be noted: its connection was cut, its worker was killed during the call or within half a second
  after it, or Redis was away. LINE WORKS and Tocaro have no way to ask whether such a call was done. LINE has, so a
  repeat on LINE always fails the run, and so does any other repeat that is not unknowable.
- **slowest ack**: the longest that an event's request waited for its 200. A request that a living ingress does not
  answer with 200 within two seconds fails the run.
- **slowest answer**: the longest from the 200 until the platform accepted the answer. It includes outages, the retry
  pauses after them (1, 2, 4 … s) and the up to ten seconds until another worker takes over from a killed one.`

const limits = `## How it is done, and what it does not show

Real processes (the compiled ingress and workers, started as their users start them), a real Redis, real HTTP on one
machine. The three platforms are the emulator, which signs its webhooks like the platforms and whose ledger of accepted
messages is the judge. Late LINE replies are sent as pushes (\`LINE_REPLY_FALLBACK=push\`). Who is hit, when, and what is
said comes from the seed; the operating system's timing does not, so two runs with one seed are alike, not equal.

Simulated inside a process, by a file loaded before its code: the slow disk (each forced write of the journal takes
300 ms longer) and the clock jumps (the wall clock of one worker). Everything else is done from outside: signals,
a memory limit in Redis, and faults of the emulator.

Not shown: loss of power (a killed Redis leaves its data with the operating system, a dead machine does not; with
\`appendfsync everysec\` Redis may lose the last second then), networks that split between machines, failover between
Redis servers, disks that fill up or lie, and the platforms themselves.`
