import { type OperatorConfig, loadConfig } from '#libs/config'
import { HooklineError } from '#libs/contract'
import {
  type DeadLetter,
  type LetterFilter,
  type LetterRef,
  botsWithDeadLetters,
  deadLetterRefs,
  isKnownBot,
  parkReasons,
  readDeadLetters,
} from '#libs/mailbox'
import { type RedisClient, connectOperator } from '#libs/redis'
import { type Look, count, listTable, story } from './dead-letters-text'
import { type Terminal, flushed, onUnread, printableJson, widthOf } from './terminal'

/** What a command on dead letters works with. */
export interface Desk {
  redis: RedisClient
  /** All dead letters there are, oldest first. */
  refs: LetterRef[]
  look: Look
  print: (line: string) => void
}

export interface Visit {
  filter?: LetterFilter
  /** The command changes nothing: it is over when nobody reads on. */
  readsOnly: boolean
}

/** Connects, runs a command, lets go. REDIS_URL is all it needs: the bots are those found in Redis. */
export async function atDesk(
  terminal: Terminal,
  { filter = {}, readsOnly }: Visit,
  command: (desk: Desk) => Promise<number>,
): Promise<number> {
  const { env, cwd, out } = terminal
  const config = loadConfig({ role: 'operator', env, cwd })
  const redis = await connectOperator(config.redisUrl, config.redisCa)
  onUnread(out, () => {
    // What changes something goes on to its end, and its exit code tells of it.
    if (readsOnly) process.exit(0)
  })
  try {
    const refs = await deadLetterRefs(redis, await botsWithDeadLetters(redis))
    await checkBot(filter, { refs, config, redis })
    await checkReason(filter, refs, redis)
    const look = { width: widthOf(out), now: Date.now(), idLength: idLength(refs) }
    return await command({ redis, refs, look, print: (line) => void out.write(`${line}\n`) })
  } finally {
    redis.disconnect()
    await flushed(out)
  }
}

/** So many characters that no two ids look alike. */
function idLength(refs: LetterRef[]): number {
  let length = 8
  while (length < 36 && new Set(refs.map(({ id }) => id.slice(0, length))).size < refs.length) length += 1
  return length
}

interface Known {
  refs: LetterRef[]
  config: OperatorConfig
  redis: RedisClient
}

async function checkBot({ bot }: LetterFilter, { refs, config, redis }: Known): Promise<void> {
  if (bot === undefined) return
  const withLetters = [...new Set(refs.map((ref) => ref.bot))]
  if (withLetters.includes(bot) || config.bots.some(({ name }) => name === bot)) return
  if (await isKnownBot(redis, bot)) return
  const known =
    withLetters.length === 0 ? 'No bot has any.' : `Bots that have some: ${withLetters.join(', ')}.`
  throw usageError(`There is no bot "${bot}": not in this configuration and not in Redis. ${known}`)
}

/** A reason that no version of Hookline gives and no letter has is a typing error, not an empty answer. */
async function checkReason({ reason }: LetterFilter, refs: LetterRef[], redis: RedisClient): Promise<void> {
  if (reason === undefined || parkReasons.includes(reason)) return
  const found = new Set<string>()
  for await (const letter of readDeadLetters(redis, refs)) found.add(letter.reason)
  if (found.has(reason)) return
  const known = found.size === 0 ? parkReasons : [...found].sort()
  throw usageError(`No dead letter has the reason "${reason}". Reasons there are: ${known.join(', ')}.`)
}

export function usageError(message: string): HooklineError {
  return new HooklineError('config_invalid', message)
}

/** The one letter whose id starts so. */
export function refOf(start: string, refs: LetterRef[]): LetterRef {
  const found = start === '' ? [] : refs.filter(({ id }) => id.startsWith(start.toLowerCase()))
  const [only] = found
  if (!only)
    throw usageError(`No dead letter has an id that starts with "${start}". See: hookline dead-letters list`)
  if (found.length === 1) return only
  const some = found.slice(0, 3).map(({ id }) => id)
  throw usageError(
    `"${start}" is the start of ${found.length} ids (${some.join(', ')}${found.length > 3 ? ', …' : ''}). Give more of it.`,
  )
}

export interface ListOptions extends LetterFilter {
  limit?: number
  json?: boolean
}

const listed = 50

/** `hookline dead-letters list`: newest first. */
export async function list({ limit, json = false, ...filter }: ListOptions, desk: Desk): Promise<number> {
  const { redis, refs, look, print } = desk
  const most = limit ?? (json ? Infinity : listed)
  const shown: DeadLetter[] = []
  let total = 0
  for await (const letter of readDeadLetters(redis, [...refs].reverse(), filter)) {
    total += 1
    if (total > most) continue
    if (json) print(printableJson(letter))
    else shown.push(letter)
  }
  if (json) return 0
  if (shown.length > 0) listTable(shown, look).forEach(print)
  listEnd({ total, shown, filter, look }).forEach(print)
  return 0
}

interface ListEnd {
  total: number
  shown: DeadLetter[]
  filter: LetterFilter
  look: Look
}

function listEnd({ total, shown, filter, look }: ListEnd): string[] {
  if (total === 0)
    return [Object.keys(filter).length === 0 ? 'There are no dead letters.' : 'No dead letter matches.']
  const rest = shown.length < total ? `, the newest ${shown.length} shown (--limit shows more)` : ''
  const first = shown[0]
    ? [`The whole story of one: hookline dead-letters show ${shown[0].id.slice(0, look.idLength)}`]
    : []
  return ['', `${count(total, 'dead letter')}${rest}.`, ...first]
}

/** `hookline dead-letters show ID`. */
export async function show(start: string, { json }: { json?: boolean }, desk: Desk): Promise<number> {
  const ref = refOf(start, desk.refs)
  for await (const letter of readDeadLetters(desk.redis, [ref])) {
    if (json) desk.print(printableJson(letter, 2))
    else story(letter, desk.look).forEach(desk.print)
    return 0
  }
  throw usageError(`The dead letter ${ref.id} has just been replayed or discarded by somebody else.`)
}
