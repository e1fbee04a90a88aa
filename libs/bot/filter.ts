import type { Event, EventBase, PlatformName } from '#libs/contract'
import { checkKeys, checkName, invalidBot, shown } from './check-names'
import type { Context } from './context'
import { type Findings, createFinder } from './hears'

/** What may be asked of any event. All that is given must be true. */
export interface CommonFilter<E extends Event = Event, P extends PlatformName = PlatformName, S = unknown> {
  /** Events of this platform, or of one of these. The handler's context is narrowed to it. */
  platform?: P | readonly P[]
  /**
   * `user`: one-to-one. `group`: wherever several people can talk, that is a LINE group or room, a LINE WORKS
   * channel, a Tocaro group. LINE WORKS names the channel also of postbacks from a one-to-one room, so those count
   * as `group` [doc bot-callback-postback].
   */
  in?: 'user' | 'group'
  /** Events caused by this user, or by one of these: the platform's user ids. */
  from?: string | readonly string[]
  /** Any other condition. Comes last; may look something up. */
  when?: (context: Context<E, P, S>) => boolean | Promise<boolean>
}

/** What may be asked of a text. */
export interface TextFilter {
  /**
   * Whether the bot itself is mentioned. LINE says so; on LINE WORKS and Tocaro the bot has to be told its name
   * (`LINEWORKS_BOT_NAME`, `TOCARO_BOT_NAME`) or, on Tocaro, its user code (`TOCARO_BOT_USER`).
   */
  mentioned?: boolean
}

/** What may be asked of a postback. */
export interface DataFilter<D = unknown> {
  /** The data, whole, or a pattern that it matches: then `ctx.match` is the match. */
  data?: D
}

/** Which events a listener takes, beyond their type: `{ platform: 'line', in: 'group', mentioned: true }`. */
export type Filter<
  E extends Event = Event,
  P extends PlatformName = PlatformName,
  S = unknown,
  D = string | RegExp,
> = CommonFilter<E, P, S> &
  ([Extract<E, { type: 'text' | 'messageEdited' }>] extends [never] ? unknown : TextFilter) &
  ([Extract<E, { type: 'postback' }>] extends [never] ? unknown : DataFilter<D>)

/** What a `data` filter adds to the context. */
export type Matched<D> = D extends string | RegExp ? { match: RegExpMatchArray } : unknown

/** Looks at an event: undefined where the filter does not let it through. */
export type AsyncLook = (context: Context) => Promise<Findings | undefined>

/** Any filter, as it comes from a file that no compiler has seen. */
type AnyFilter = CommonFilter & TextFilter & DataFilter

const keys: Record<keyof AnyFilter, true> = {
  platform: true,
  in: true,
  mentioned: true,
  from: true,
  data: true,
  when: true,
}
const platforms: Record<PlatformName, true> = { line: true, lineworks: true, tocaro: true }
export const platformNames: readonly string[] = Object.keys(platforms)

/**
 * Turns a filter into a look at an event.
 * @throws HooklineError `bot_file_invalid` for a filter, or a value of one, that does not exist.
 */
export function createFilter(given: unknown): AsyncLook {
  checkKeys('filter', given, Object.keys(keys))
  const filter = given as AnyFilter
  checkValues(filter)
  const platform = new Set(listOf(filter.platform))
  const from = new Set(listOf(filter.from))
  const find = filter.data === undefined ? undefined : createFinder(filter.data, 'The filter "data"')
  return async (context) => {
    if (filter.platform !== undefined && !platform.has(context.platform)) return undefined
    if (filter.in !== undefined && placeOf(context) !== filter.in) return undefined
    if (filter.from !== undefined && !from.has(context.userId ?? '')) return undefined
    if (filter.mentioned !== undefined && isMentioned(context) !== filter.mentioned) return undefined
    const match = find && (context.type === 'postback' ? find(context.data) : null)
    if (match === null) return undefined
    const findings = match ? { match } : {}
    if (filter.when && !(await filter.when(Object.assign(context, findings)))) return undefined
    return findings
  }
}

function checkValues({ platform, in: place, from, mentioned, when }: AnyFilter): void {
  for (const name of listOf(platform)) checkName('platform', name, platformNames)
  if (place !== undefined) checkName('place for the filter "in"', place, ['user', 'group'])
  for (const user of listOf<unknown>(from)) {
    if (typeof user !== 'string') throw invalidBot(`The filter "from" needs user ids, got ${shown(user)}.`)
  }
  if (mentioned !== undefined && typeof mentioned !== 'boolean') {
    throw invalidBot(`The filter "mentioned" is true or false, got ${shown(mentioned)}.`)
  }
  if (when !== undefined && typeof when !== 'function') {
    throw invalidBot(`The filter "when" needs a function, got ${shown(when)}.`)
  }
}

function listOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  return given === undefined ? [] : ([given].flat() as T[])
}

function placeOf({
  type,
  conversation: { kind },
}: Pick<EventBase, 'conversation'> & { type: string }): string {
  // A one-to-one room of LINE WORKS is opened and closed with these; its id is a channel's [doc bot-callback-begin].
  if (type === 'begin' || type === 'end') return 'user'
  return kind === 'user' || kind === 'none' ? kind : 'group'
}

function isMentioned(context: Context): boolean {
  const mentions = context.type === 'text' || context.type === 'messageEdited' ? context.mentions : undefined
  return mentions?.some(({ self }) => self) ?? false
}
