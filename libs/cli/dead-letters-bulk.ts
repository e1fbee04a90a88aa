import { createInterface } from 'node:readline'
import {
  type BulkRef,
  type DeadLetter,
  type LateReplies,
  type LetterFilter,
  type Replayed,
  discardDeadLettersOf,
  planReplay,
  readDeadLetters,
  replayDeadLetters,
} from '#libs/mailbox'
import { type Desk, refOf, usageError } from './dead-letters'
import { count, listTable, planText } from './dead-letters-text'
import type { Terminal } from './terminal'

export interface Choice {
  /** Starts of ids; none: the filter chooses. */
  ids: string[]
  filter: LetterFilter
  /** All there are: asked for, since a forgotten filter must not empty everything. */
  all: boolean
}

export interface BulkOptions extends Choice {
  /** Do it without asking. */
  yes: boolean
}

/** Exit code: nothing was done, because nobody confirmed, none matched or every letter stayed. */
export const nothingDone = 2

/** Of more letters only so many are described before the question. */
const described = 20

interface Chosen {
  refs: BulkRef[]
  /** The first of them. */
  letters: DeadLetter[]
}

/** `hookline dead-letters replay`: the first received first, so that items of one conversation keep their order. */
export async function replay(
  { late, ...options }: BulkOptions & { late: LateReplies },
  desk: Desk,
  terminal: Terminal,
): Promise<number> {
  const { look, print } = desk
  let stay = 0
  const chosen = await choose(options, desk, (letter) => {
    if (planReplay(letter, late, look.now).skip) stay += 1
  })
  if (chosen.refs.length === 0) return nothingMatches(print)
  for (const letter of chosen.letters)
    planText(letter, planReplay(letter, late, look.now), look).forEach(print)
  more(chosen, print)
  const going = chosen.refs.length - stay
  const staying = stay === 0 ? '' : `; ${stay} would stay`
  print(`${going} of ${count(chosen.refs.length, 'dead letter')} would be replayed${staying}.`)
  if (going === 0) return nothingDone
  if (!(await confirmed(options.yes, terminal))) return unconfirmed(print)
  const results = await replayAll(chosen.refs, late, desk)
  print(replayedText(results))
  return results.replayed === 0 ? nothingDone : 0
}

async function replayAll(
  refs: BulkRef[],
  late: LateReplies,
  { redis }: Desk,
): Promise<Record<Replayed, number>> {
  const results = { replayed: 0, skipped: 0, gone: 0 }
  await replayDeadLetters(redis, refs, { late, onResult: (_ref, result) => void (results[result] += 1) })
  return results
}

function replayedText({ replayed, skipped, gone }: Record<Replayed, number>): string {
  const rest = [
    ...(skipped > 0 ? [`${skipped} stayed`] : []),
    ...(gone > 0 ? [`${gone} had gone already`] : []),
  ]
  return `Replayed ${count(replayed, 'dead letter')}${rest.length > 0 ? `; ${rest.join('; ')}` : ''}.`
}

/** `hookline dead-letters discard`: for good. */
export async function discard(options: BulkOptions, desk: Desk, terminal: Terminal): Promise<number> {
  const { look, print } = desk
  const chosen = await choose(options, desk)
  if (chosen.refs.length === 0) return nothingMatches(print)
  listTable(chosen.letters, look).forEach(print)
  more(chosen, print)
  print(`${count(chosen.refs.length, 'dead letter')} would be discarded, for good.`)
  if (!(await confirmed(options.yes, terminal))) return unconfirmed(print)
  let discarded = 0
  await discardDeadLettersOf(desk.redis, chosen.refs, (_ref, result) => {
    if (result === 'discarded') discarded += 1
  })
  const gone = chosen.refs.length - discarded
  print(`Discarded ${count(discarded, 'dead letter')}${gone > 0 ? `; ${gone} had gone already` : ''}.`)
  return discarded === 0 ? nothingDone : 0
}

async function choose(
  { ids, filter, all }: Choice,
  { redis, refs }: Desk,
  onLetter: (letter: DeadLetter) => void = () => undefined,
): Promise<Chosen> {
  const hasFilter = Object.keys(filter).length > 0
  if (Number(ids.length > 0) + Number(hasFilter) + Number(all) !== 1)
    throw usageError(
      'Say which dead letters: ids, or filters (--bot, --platform, --reason, --since, --before), or --all.',
    )
  const named = new Set(ids.map((start) => refOf(start, refs)))
  const chosen: Chosen = { refs: [], letters: [] }
  const wanted = ids.length > 0 ? refs.filter((ref) => named.has(ref)) : refs
  for await (const letter of readDeadLetters(redis, wanted, filter)) {
    const { bot, id, parkedAt, item } = letter
    const { receivedAt, occurredAt } = item.event
    chosen.refs.push({ bot, id, parkedAt, receivedAt, occurredAt })
    if (chosen.letters.length < described) chosen.letters.push(letter)
    onLetter(letter)
  }
  return chosen
}

function more({ refs, letters }: Chosen, print: Desk['print']): void {
  if (refs.length > letters.length) print(`… and ${(refs.length - letters.length).toLocaleString('en')} more`)
  print('')
}

function nothingMatches(print: Desk['print']): number {
  print('No dead letter matches.')
  return nothingDone
}

export function unconfirmed(print: Desk['print']): number {
  print('Nothing was done; --yes does it.')
  return nothingDone
}

/** A person at a terminal is asked; a script must have said `--yes`. */
export function confirmed(yes: boolean, { input, out }: Terminal): Promise<boolean> {
  if (yes || !input.isTTY || !out.isTTY) return Promise.resolve(yes)
  return new Promise((resolve) => {
    const lines = createInterface({ input, output: out })
    // Ctrl-C and Ctrl-D close it: that is a no.
    lines.once('close', () => {
      out.write('\n')
      resolve(false)
    })
    lines.question('Go on? [y/N] ', (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
  })
}
