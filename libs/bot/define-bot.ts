import type { Event, PlatformName } from '#libs/contract'
import { type BotBuilder, build } from './builder'
import { checkKeys, checkName } from './check-names'
import type { Context, Runtime } from './context'
import { platformNames } from './filter'
import type { SessionOptions } from './memory'
import type { Schedule } from './schedule'
import { readDelay } from './delay'
import { playScene } from './scene'
import { unlessAborted } from './run-abort'
import { type Trail, dispatch } from './scope'
import { Unsent } from './unsent'

/** What is said about a bot as a whole. */
export interface BotOptions<S = undefined, P extends PlatformName = PlatformName> {
  /**
   * Says that the bot serves this platform only: its handlers then need not look at `ctx.platform`. A worker that is
   * configured to run it for another does not start.
   */
  platform?: P
  /** What `ctx.session` is. Without it there is none. */
  session?: SessionOptions<S>
}

const optionNames: Record<keyof BotOptions, true> = { platform: true, session: true }

/** A bot, ready to be run by a worker or by `testBot`. `S` is its session. */
export interface Bot<S = unknown> {
  /** Handles one event; true when a listener took it. Throws what the handler throws. @internal */
  handle(event: Event, runtime: Runtime): Promise<boolean>
  /** What `every` asked for; the worker keeps the clock. */
  schedules: readonly Schedule[]
  /** The only platform that it serves; all of them where there is none. */
  platform?: PlatformName
  /** How its sessions begin and end. */
  session?: SessionOptions<S>
}

/**
 * Defines a bot. The bot file exports it as its default.
 * @throws HooklineError `bot_file_invalid` for a listener, a filter or an option that does not exist.
 */
export function defineBot(setup: (bot: BotBuilder<undefined>) => void): Bot<undefined>
export function defineBot<S = undefined, P extends PlatformName = PlatformName>(
  options: BotOptions<S, P>,
  setup: (bot: BotBuilder<S, P>) => void,
): Bot<S>
export function defineBot(...given: [unknown, unknown?]): Bot {
  const [asked, setup] = given.length === 1 ? [{}, given[0]] : given
  checkKeys('option of defineBot', asked, Object.keys(optionNames))
  const options = asked as BotOptions<unknown>
  if (options.platform !== undefined) checkName('platform', options.platform, platformNames)
  if (options.session?.expires !== undefined) readDelay(options.session.expires, 'session.expires')
  const { scope, schedules, dialogues } = build(setup, 'defineBot')
  const state = { session: options.session, dialogues }

  /** Asks each `catch` on the way out; what the last of them throws is the handler's error. */
  const recover = async (error: unknown, trail: Trail, again: (work: Catching) => Promise<void>) => {
    let thrown = error
    for (const { onError } of trail.toReversed()) {
      if (!onError) continue
      const current = thrown
      try {
        return await again(async (context) => {
          await onError(current, context)
        })
      } catch (next) {
        thrown = next
      }
    }
    throw thrown
  }

  return {
    schedules,
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.session === undefined ? {} : { session: options.session }),
    handle: async (event, runtime) => {
      const trail: Trail = [scope]
      try {
        return await playScene(state, { event, runtime }, ({ contexts, take }) =>
          unlessAborted(dispatch(scope, { contexts, take, trail }), runtime.abort),
        )
      } catch (error) {
        // Nobody is left to be answered.
        if (runtime.abort.signal.reason instanceof Unsent) throw error
        await recover(error, trail, async (work) => {
          runtime.discard()
          await playScene(state, { event, runtime }, ({ asItCame }) =>
            unlessAborted(work(asItCame), runtime.abort),
          )
        })
        return true
      }
    },
  }
}

type Catching = (context: Context) => Promise<void>
