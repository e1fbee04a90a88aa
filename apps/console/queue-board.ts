import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
import type { Queue } from 'bullmq'
import { type Express, type RequestHandler, Router } from 'express'
import { knownBots, openRawQueues } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import { callerOf, operatorOnly } from './access'
import { type Audit, auditEntry } from './audit'

export interface QueueBoard {
  router: Router
  /** bull-board's own, for tests that walk its routes. */
  app: Express
  close(): Promise<void>
}

interface Named {
  bot: string
  queue: Queue
}

/** bull-board asks every few seconds; which bots there are takes a walk over all keys. */
const botsForMs = 30_000

/** BullMQ's own view of each bot's queues, for those who want them raw: below /queues. */
export function createQueueBoard({ redis, audit }: { redis: RedisClient; audit: Audit }): QueueBoard {
  const boards = { writable: createBoard(false), readOnly: createBoard(true) }
  const open = new Map<string, Named[]>()
  const load = async () => {
    const bots = await knownBots(redis)
    for (const bot of bots.filter((name) => !open.has(name)))
      open.set(
        bot,
        openRawQueues(redis, bot).map((queue) => ({ bot, queue })),
      )
    const queues = bots.flatMap((bot) => open.get(bot) ?? [])
    boards.writable.show(queues)
    boards.readOnly.show(queues)
  }
  const refresh = atMostEvery(botsForMs, load)
  const router = Router()
  router.use(
    async (_request, _response, next) => {
      await refresh()
      next()
    },
    audited(audit),
    (request, response, next) => {
      const { role, readOnly } = callerOf(response)
      const board = role === 'operator' && !readOnly ? boards.writable : boards.readOnly
      board.app(request, response, next)
    },
  )
  return {
    router,
    app: boards.writable.app,
    close: async () => {
      await Promise.all([...open.values()].flat().map(({ queue }) => queue.close()))
    },
  }
}

/** Who comes while it is under way waits for it; one that failed is repeated by the next. */
function atMostEvery(ms: number, work: () => Promise<void>): () => Promise<void> {
  let last: { at: number; done: Promise<void> } | undefined
  return () => {
    if (!last || Date.now() - last.at > ms) {
      const done = work()
      last = { at: Date.now(), done }
      done.catch(() => (last = undefined))
    }
    return last.done
  }
}

/** Data that nobody checked would get into the queues; and what is shown of timers is not all that they hold. */
const refused = /\/(add|update-data)$/

function audited(audit: Audit): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    operatorOnly(request, response, () => {
      if (refused.test(request.path)) {
        const message =
          'Jobs can not be added or changed by hand. Use `hookline send` or replay a dead letter.'
        response.status(403).json({ error: 'forbidden', message })
        return
      }
      const target = `${request.method} ${request.path}`.slice(0, 300)
      audit.note(auditEntry(response, { action: 'queue', target })).then(() => next(), next)
    })
  }
}

function createBoard(readOnlyMode: boolean) {
  const serverAdapter = new ExpressAdapter().setBasePath('/queues')
  const miscLinks = [{ text: 'Console', url: '/' }]
  const uiConfig = { boardTitle: 'Hookline: BullMQ', hideDocsLink: true, miscLinks }
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig },
  })
  const app = serverAdapter.getRouter() as Express
  withinPolicy(app)
  return {
    app,
    show: (queues: Named[]) =>
      board.replaceQueues(queues.map(({ bot, queue }) => adapterOf(bot, queue, readOnlyMode))),
  }
}

function adapterOf(bot: string, queue: Queue, readOnlyMode: boolean): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode, prefix: `${bot}.`, delimiter: '.' })
  adapter.setFormatter('data', withoutWords)
  return adapter
}

/** A timer may hold what somebody said. */
function withoutWords(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || !('event' in data)) return data
  const { type, name, key, occurredAt } = data.event as Record<string, unknown>
  return { ...data, event: { type, name, key, occurredAt } }
}

type Engine = (path: string, data: object, done: (error: unknown, html?: string) => void) => void

/**
 * bull-board's page asks a font service for its letters, and has styles of its own in what it shows until its script runs.
 * The policy forbids both; so that nothing even tries:
 */
function withinPolicy(app: Express): void {
  const { '.ejs': render } = (app as unknown as { engines: Record<string, Engine> }).engines
  app.engine('ejs', (path, data, done) => {
    render?.(path, data, (error, html) => {
      const own = html?.replace(/<link href="https:[^>]*>/g, '')
      done(error, own?.replace(/(<div id="root">).*(<\/div>\s*<script defer)/s, '$1$2'))
    })
  })
}
