import { countWorkers, readBacklog } from '#libs/mailbox'
import type { RedisClient } from '#libs/redis'
import type { PlatformName } from '#libs/contract'
import type { BotSettings } from './doctor-probe'
import { type Finding, ok, problem, skipped, type Subject, warning, wordsOf } from './doctor-finding'

/** What a bot file turned out to be: the platform it is for, where it is for one only. */
export type LoadedBot = { ok: true; platform?: PlatformName } | { ok: false; message: string }

/** Loads a bot file as the worker does. */
export type BotLoader = (file: string) => Promise<LoadedBot>

const file: Subject = { id: 'bot-file', name: 'Bot file' }

export async function checkBotFile(bot: BotSettings, load: BotLoader): Promise<Finding> {
  if (bot.handler === undefined) return skipped(file, 'no handler is set')
  const loaded = await load(bot.handler)
  if (!loaded.ok)
    return problem(file, {
      found: loaded.message,
      why: 'The worker does not start, so no bot of it answers.',
      remedy: 'Correct the file, or set HOOKLINE_BOT (or `handler` of the bot) to the right one',
    })
  if (loaded.platform !== undefined && loaded.platform !== bot.platform)
    return problem(file, {
      found: `${bot.handler} is for ${loaded.platform} only, and this bot is on ${bot.platform}`,
      why: 'Its handlers expect events of another platform.',
      remedy: `Give the bot another \`handler\`, or take \`platform: '${loaded.platform}'\` out of defineBot(…)`,
    })
  return ok(file, bot.handler)
}

const startWorker = 'docker compose up -d worker, or node dist/apps/worker/main.js (or hookline dev)'

/** Does a worker listen for this bot, and does anything wait or lie parked? */
export async function checkWorker(bot: string, redis: RedisClient | undefined): Promise<Finding[]> {
  const subject: Subject = { id: 'worker', name: 'Worker' }
  if (!redis) return [skipped(subject, 'Redis can not be asked')]
  try {
    const [workers, { items, deadLetters }] = await Promise.all([
      countWorkers(redis, bot),
      readBacklog(redis, bot),
    ])
    return [workerFinding(subject, workers, items), ...(deadLetters > 0 ? [parked(bot, deadLetters)] : [])]
  } catch (error) {
    return [skipped(subject, wordsOf(error))]
  }
}

function workerFinding(subject: Subject, workers: number | undefined, items: number): Finding {
  const waiting = items === 1 ? '1 event waits' : `${items} events wait`
  if (workers === undefined) return skipped(subject, `this Redis does not list its clients; ${waiting}`)
  if (workers > 0)
    return ok(subject, `${workers === 1 ? '1 process listens' : `${workers} processes listen`}; ${waiting}`)
  return problem(subject, {
    found: `no worker is running for this bot; ${waiting}`,
    why: 'Webhooks are stored, but nobody answers them.',
    remedy: `Start one: ${startWorker}; it must have the same REDIS_URL and this bot in its settings`,
  })
}

function parked(bot: string, count: number): Finding {
  return warning(
    { id: 'dead-letters', name: 'Dead letters' },
    {
      found: `${count} could not be delivered`,
      why: 'They wait for a person to replay or discard them.',
      remedy: `npx hookline dead-letters list --bot ${bot}`,
    },
  )
}
