import type { Result } from './run-scenario'

/** About the run as a whole. */
export interface RunFacts {
  seed: number
  fsync: string
  /** `Redis 7.0.15`. */
  redis: string
  node: string
  hookline: string
  date: string
}

const shownOffences = 5

/** One line per scenario, and below it the first of what went wrong. */
export function lineOf(result: Result): string {
  const { name, offences } = result
  const counts = [
    `acked ${result.acked}`,
    `delivered ${result.delivered}`,
    `lost ${result.lost}`,
    ...(result.late > 0 ? [`late ${result.late}`] : []),
    `reordered ${result.reordered}`,
    `repeated ${result.repeated} (unknowable ${result.unknowable})`,
    `parked ${result.parked}`,
    `slowest ack ${result.slowestAckMs} ms`,
  ].join('  ')
  const head = `${name.padEnd(22)} ${counts}  ${offences.length === 0 ? 'ok' : 'FAILED'}`
  const more = offences.length - shownOffences
  return [
    head,
    ...offences.slice(0, shownOffences).map((offence) => `    ${offence}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ].join('\n')
}

/** What was done and how long it took: beside the counts, for people who watch. */
export function detailsOf(result: Result): string {
  const { harm, sent, acked, unasked, slowestAnswerMs, ms } = result
  const unacked = sent - acked
  const open =
    unacked === 0 ? '' : `; ${unacked} never acknowledged, ${unasked} of them answered all the same`
  return `    (${harm}; slowest answer ${seconds(slowestAnswerMs)}; took ${seconds(ms)}${open})`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
