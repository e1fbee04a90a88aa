import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import type { Story } from '#libs/contract'
import {
  type DeadLetter,
  decodeCursor,
  eraseUser,
  knownBots,
  latestOfLane,
  platformOf,
  readDeadLetters,
  readStory,
  readTimeline,
  storyOfLetter,
  waitOfLane,
  waitingStories,
} from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import { operatorOnly } from './access'
import type { ConversationView, Erased, Revealed } from './api-types'
import { type Audit, auditEntry } from './audit'
import { searchConversations } from './conversation-search'
import { placeOf } from './merge-pages'
import { RouteProblem, answerProblem, botName, checked, needsKnownBot } from './route-problem'
import { storyView } from './story-view'

export interface ConversationDeps {
  redis: RedisClient
  audit: Audit
  /** The bots there are; left out: those found in Redis, looked for every ten seconds at most. */
  bots?: () => Promise<string[]>
}

const word = z.string().min(1).max(300)
const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000)
/** An empty field of a form is one that was left out. */
const filled = <T extends z.ZodType>(kind: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), kind)

const searchQuery = z.object({
  bot: filled(botName.optional()),
  user: filled(word.optional()),
  text: filled(word.optional()),
  from: filled(time.optional()),
  to: filled(time.optional()),
  outcome: filled(z.enum(['done', 'parked', 'waiting', 'failed']).optional()),
  cursor: filled(
    word
      .max(2000)
      .refine((cursor) => placeOf(cursor), 'is no cursor of this list')
      .optional(),
  ),
  limit: filled(z.coerce.number().int().min(1).max(200).default(50)),
})

const pageQuery = z.object({
  cursor: filled(
    z
      .string()
      .max(2000)
      .refine((cursor) => decodeCursor(cursor) !== undefined, 'is no cursor of this list')
      .optional(),
  ),
})

const storyQuery = z.object({ lane: z.string().max(1000).optional() })

const revealBody = z
  .object({ bot: word, story: word.optional(), deadLetter: word.optional() })
  .refine(({ story, deadLetter }) => (story === undefined) !== (deadLetter === undefined), {
    message: 'Give either story or deadLetter.',
  })

const eraseBody = z.object({ bot: botName, userId: word })

/** Conversations, stories, and what is kept of users: below `/api` (api-types.ts). */
export function conversationRoutes({ redis, audit, bots }: ConversationDeps): Router {
  const router = Router()
  const allBots = bots ?? remembered(() => knownBots(redis))

  router.get('/conversations', operatorForText, async (request, response) => {
    const query = checked(searchQuery, request.query)
    const { bot, text, outcome } = query
    if (text !== undefined && outcome === 'waiting')
      throw invalid('Texts are searched in what has ended: leave out text, or outcome=waiting.')
    if (bot !== undefined) await needsKnownBot(redis, bot)
    // Never the text itself: it may be what somebody said.
    if (text !== undefined) {
      const details = `${text.length} characters`
      await audit.note(auditEntry(response, { action: 'search_text', ...(bot ? { bot } : {}), details }))
    }
    const wanted = bot === undefined ? await allBots() : [bot]
    response.json(await searchConversations(redis, { ...given(query), bots: wanted, limit: query.limit }))
  })

  router.get('/conversations/:bot/:lane', async (request, response) => {
    const query = checked(pageQuery, request.query)
    const { bot, lane } = request.params
    await needsKnownBot(redis, bot)
    response.json(await conversationView(redis, { bot, lane, ...given(query) }))
  })

  router.get('/stories/:bot/:id', async (request, response) => {
    const { lane } = checked(storyQuery, request.query)
    const { bot, id } = request.params
    await needsKnownBot(redis, bot)
    const story = await readStory(redis, bot, id, lane)
    if (!story) throw gone('There is no such story (any more).')
    response.json(storyView(story))
  })

  actionRoutes(router, { redis, audit })
  router.use(answerProblem)
  return router
}

function actionRoutes(router: Router, { redis, audit }: ConversationDeps): void {
  router.post('/reveal', operatorOnly, async (request, response) => {
    const { bot, story, deadLetter } = checked(revealBody, request.body)
    const found = await revealed(redis, { bot, story, deadLetter })
    if (!found) throw gone('It is not there any more.')
    const target = story === undefined ? `dead letter ${deadLetter ?? ''}` : `story ${story}`
    await audit.note(auditEntry(response, { action: 'reveal', bot, target }))
    response.json(found)
  })

  router.post('/erase', operatorOnly, async (request, response) => {
    const { bot, userId } = checked(eraseBody, request.body)
    await needsKnownBot(redis, bot)
    await audit.note(auditEntry(response, { action: 'erase', bot, target: userId }))
    response.json((await eraseUser(redis, bot, userId)) satisfies Erased)
  })
}

/** What users said is only for operators, and so is a search that could guess it. */
const operatorForText: RequestHandler = (request: Request, response: Response, next: NextFunction) => {
  if (request.query['text']) operatorOnly(request, response, next)
  else next()
}

const pageLength = 30
const mostWaiting = 100

async function conversationView(
  redis: RedisClient,
  { bot, lane, cursor }: { bot: string; lane: string; cursor?: string },
): Promise<ConversationView> {
  const page = { bot, lane, limit: pageLength, ...(cursor === undefined ? {} : { cursor }) }
  const [{ keep }, platform, waiting, ended, waits] = await Promise.all([
    readTimeline(redis, bot),
    platformOf(redis, bot),
    waitingStories(redis, { bot, lane, most: mostWaiting }),
    latestOfLane(redis, page),
    waitOfLane(redis, bot, lane),
  ])
  const underWay = new Set(waiting.map(({ id }) => id))
  return {
    ...{ bot, lane, keeps: keep },
    ...(platform === undefined ? {} : { platform }),
    waiting: waiting.map(storyView),
    // One that was replayed is under way again.
    ended: ended.stories.filter(({ id }) => !underWay.has(id)).map(storyView),
    ...(ended.cursor === undefined ? {} : { cursor: ended.cursor }),
    ...(waits && waits.until > Date.now() ? { waits } : {}),
  }
}

interface ToReveal {
  bot: string
  story: string | undefined
  deadLetter: string | undefined
}

async function revealed(
  redis: RedisClient,
  { bot, story: id, deadLetter }: ToReveal,
): Promise<Revealed | undefined> {
  if (id !== undefined) {
    const story = await readStory(redis, bot, id)
    return story && textsOf(story)
  }
  for await (const letter of readDeadLetters(redis, [{ bot, id: deadLetter ?? '', parkedAt: 0 }]))
    return { ...textsOf(storyOfLetter(letter, 'text')), raw: rawOf(letter) }
  return undefined
}

function textsOf({ text, answers }: Story): Revealed {
  return {
    ...(text === undefined ? {} : { text }),
    answers: answers.map(({ operation, text: said }) => ({
      operation,
      ...(said === undefined ? {} : { text: said }),
    })),
  }
}

/** Of a push there is no raw object: what it says stands in its place. */
function rawOf({ item: { event } }: DeadLetter): string {
  return JSON.stringify(event.type === 'push' ? event.messages : event.raw, null, 2)
}

const invalid = (message: string) => new RouteProblem(400, 'request_invalid', message)
const gone = (message: string) => new RouteProblem(404, 'not_found', message)

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the fields that were left out. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>
}

const rememberMs = 10_000

/** Looking for the bots walks over all keys. */
function remembered(look: () => Promise<string[]>): () => Promise<string[]> {
  let last: { at: number; bots: Promise<string[]> } | undefined
  return () => {
    if (!last || Date.now() - last.at > rememberMs) last = { at: Date.now(), bots: look() }
    const { bots } = last
    bots.catch(() => (last = undefined))
    return bots
  }
}
