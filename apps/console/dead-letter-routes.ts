import { Router } from 'express'
import { z } from 'zod'
import { type DeadLetter, discardDeadLettersOf, readDeadLetters, replayDeadLetters } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import { operatorOnly } from './access'
import type { BulkResult, DeadLetterFilter, DeadLetterPage, DeadLetterView, StoryView } from './api-types'
import { type Audit, auditEntry } from './audit'
import { type BulkAction, failedWords, runBulk } from './dead-letter-bulk'
import {
  type IndexedLetter,
  type LetterIndex,
  type Position,
  createLetterIndex,
  latestFirst,
} from './dead-letter-index'
import { rowOf, viewOf } from './dead-letter-view'
import { RouteProblem, answerProblem, botName, checked } from './route-problem'

export interface DeadLetterDeps {
  redis: RedisClient
  audit: Audit
  log: Logger
  /** Names of the bots that may have dead letters. Default: whoever has some, found by a walk over all keys. */
  bots?: () => Promise<string[]>
  /** The story of a letter's item, masked. */
  story?: (bot: string, lane: string, itemId: string) => Promise<StoryView | undefined>
}

const letterId = z.string().regex(/^[0-9a-f-]{1,64}$/i, { error: 'is no id of a dead letter' })
const time = z.int().min(0)

const filter = z.strictObject({
  bot: botName.exactOptional(),
  reason: z.string().max(100).exactOptional(),
  platform: z.enum(['lineworks', 'line', 'tocaro']).exactOptional(),
  from: time.exactOptional(),
  to: time.exactOptional(),
})

const number = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a whole number' })
  .transform(Number)

/** An empty field of a form means any. */
const listQuery = z.preprocess(
  (given) => Object.fromEntries(Object.entries(given as object).filter(([, value]) => value !== '')),
  filter.extend({
    from: number.exactOptional(),
    to: number.exactOptional(),
    cursor: z.string().max(200).exactOptional(),
    limit: number.pipe(z.int().min(1).max(200)).default(50),
  }),
)

const bulk = z.strictObject({
  letters: z
    .array(z.strictObject({ bot: botName, id: letterId }))
    .min(1)
    .max(10_000)
    .exactOptional(),
  filter: filter.exactOptional(),
  expect: z.int().min(0),
})
const isOneOf = (given: { letters?: unknown; filter?: unknown }) =>
  (given.letters === undefined) !== (given.filter === undefined)
const either = { error: 'must have either letters or a filter' }

const discardBody = bulk.refine(isOneOf, either)
const replayBody = bulk.extend({ late: z.enum(['push', 'drop']).default('drop') }).refine(isOneOf, either)

/** Dead letters: list, one, replay, discard. */
export function deadLetterRoutes(deps: DeadLetterDeps): Router {
  const { redis, story } = deps
  const index = createLetterIndex(redis, deps.bots)
  const router = Router()
  router.get('/dead-letters', async (request, response) => {
    response.json(await pageOf(checked(listQuery, request.query), { redis, index }))
  })
  router.get('/dead-letters/:bot/:id', async (request, response) => {
    const letter = await letterAt(redis, request.params)
    const told = await story?.(letter.bot, letter.lane, letter.item.id)
    const view: DeadLetterView = { ...viewOf(letter), ...(told === undefined ? {} : { story: told }) }
    response.json(view)
  })
  router.post('/dead-letters/replay', operatorOnly, async (request, response) => {
    const { late, ...wanted } = checked(replayBody, request.body)
    const chosen = await choose(wanted, index)
    const result = await audited(deps, {
      chosen,
      entry: auditEntry(response, { action: 'replay', ...about(chosen, wanted.filter, `late=${late}`) }),
      action: (refs, onResult) => replayDeadLetters(redis, refs, { late, onResult }),
    })
    response.json(result)
  })
  router.post('/dead-letters/discard', operatorOnly, async (request, response) => {
    const wanted = checked(discardBody, request.body)
    const chosen = await choose(wanted, index)
    const result = await audited(deps, {
      chosen,
      entry: auditEntry(response, { action: 'discard', ...about(chosen, wanted.filter) }),
      action: (refs, onResult) => discardDeadLettersOf(redis, refs, onResult),
    })
    response.json(result)
  })
  router.use(answerProblem)
  return router
}

async function pageOf(
  { cursor, limit, reason, ...others }: z.output<typeof listQuery>,
  { redis, index }: { redis: RedisClient; index: LetterIndex },
): Promise<DeadLetterPage> {
  const ofAnyReason = await index.find(others)
  const reasons: Record<string, number> = {}
  for (const letter of ofAnyReason) reasons[letter.reason] = (reasons[letter.reason] ?? 0) + 1
  const all = reason === undefined ? ofAnyReason : ofAnyReason.filter((letter) => letter.reason === reason)
  const after = cursor === undefined ? undefined : positionOf(cursor)
  const start = after === undefined ? 0 : all.findIndex((letter) => latestFirst(letter, after) > 0)
  const refs = start < 0 ? [] : all.slice(start, start + limit)
  const letters: DeadLetterPage['letters'] = []
  for await (const letter of readDeadLetters(redis, refs)) letters.push(rowOf(letter))
  const last = refs.at(-1)
  const isMore = last !== undefined && start + limit < all.length
  return { letters, total: all.length, reasons, ...(isMore ? { cursor: cursorOf(last) } : {}) }
}

const cursorOf = ({ parkedAt, bot, id }: Position) => `${parkedAt}.${bot}.${id}`

function positionOf(cursor: string): Position {
  const [, parkedAt = '', bot = '', id = ''] =
    /^(\d{1,15})\.([a-z0-9-]{1,40})\.([0-9a-f-]{1,64})$/i.exec(cursor) ?? []
  if (id === '') throw new RouteProblem(400, 'request_invalid', 'cursor: is not one that this list gave.')
  return { parkedAt: Number(parkedAt), bot, id }
}

async function letterAt(redis: RedisClient, params: { bot: string; id: string }): Promise<DeadLetter> {
  const { bot, id } = params
  if (botName.safeParse(bot).success && letterId.safeParse(id).success)
    for await (const letter of readDeadLetters(redis, [{ bot, id, parkedAt: 0 }])) return letter
  throw new RouteProblem(
    404,
    'unknown_dead_letter',
    'There is no such dead letter: it was replayed or discarded.',
  )
}

/** Those that are meant, if they are as many as the operator was shown. */
async function choose(
  { letters, filter: wanted, expect }: z.output<typeof discardBody>,
  index: LetterIndex,
): Promise<IndexedLetter[]> {
  const chosen = letters === undefined ? await index.find(wanted ?? {}, true) : await namedIn(letters, index)
  if (chosen.length === expect) return chosen
  const message = `You saw ${expect}, but now it would be ${chosen.length}. Nothing was done; look again.`
  throw new RouteProblem(409, 'changed', message, { total: chosen.length })
}

async function namedIn(letters: { bot: string; id: string }[], index: LetterIndex): Promise<IndexedLetter[]> {
  const found = await Promise.all(
    [...new Set(letters.map(({ bot }) => bot))].map((bot) => index.find({ bot }, true)),
  )
  const named = new Set(letters.map(({ bot, id }) => `${bot} ${id}`))
  return found.flat().filter(({ bot, id }) => named.has(`${bot} ${id}`))
}

/** For the audit log: which bot, one letter's id or how many, and by which filter they were chosen. */
function about(chosen: IndexedLetter[], wanted: DeadLetterFilter | undefined, ...more: string[]) {
  const bots = [...new Set(chosen.map(({ bot }) => bot))]
  const [bot] = bots
  const [only] = chosen
  const how = Object.entries(wanted ?? {}).map(([field, value]) => `${field}=${String(value)}`)
  const details = [...(wanted ? [how.length === 0 ? 'all' : ''] : []), ...how, ...more].filter(
    (text) => text !== '',
  )
  return {
    ...(bots.length === 1 && bot !== undefined ? { bot } : {}),
    target: chosen.length === 1 && only ? only.id : `${chosen.length} dead letters`,
    ...(details.length === 0 ? {} : { details: details.join(' ') }),
  }
}

interface Bulk {
  chosen: IndexedLetter[]
  entry: ReturnType<typeof auditEntry>
  action: BulkAction
}

/** The entry first: what can't be written down is not done. */
async function audited({ audit, log }: DeadLetterDeps, { chosen, entry, action }: Bulk): Promise<BulkResult> {
  await audit.note(entry)
  const result = await runBulk(chosen, action, log)
  const { action: name, user } = entry
  for (let i = 0; i < chosen.length; i += idsPerLine) {
    const ids = chosen.slice(i, i + idsPerLine).map(({ bot, id }) => `${bot}/${id}`)
    log.info({ action: name, user, count: chosen.length, done: result.done, ids }, 'dead letters')
  }
  const failure = result.failed.find(({ words }) => words === failedWords.unclear)
  if (failure) await audit.note({ ...entry, result: 'failed' }).catch(() => undefined)
  return result
}

const idsPerLine = 500
