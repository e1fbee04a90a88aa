import { HooklineError, type Call, type Limit, type PlanRequest, type Target } from '#libs/contract'
import type { Http } from '#libs/http'
import { render } from '#libs/messages'

/** What the worker must know about one Tocaro bot. */
export interface TocaroOutSettings {
  /** Name of the bot in the configuration. */
  name: string
  apiBaseUrl: string
  /** Path of a post below `apiBaseUrl`; `{group}` stands for the group's code. Tocaro's own is not confirmed. */
  postPath: string
  /** One inbound webhook for everything, or one per group code. The URL is the credential. */
  webhookUrl?: string | Record<string, string>
  /** There is an access token: posts go to the Web API and not to the inbound webhook. */
  hasAccessToken: boolean
  /** Posts per minute through one token or hook. */
  limits: { perMinute: number }
  http?: Http
}

/** Turns what a handler said into posts, one call each. Pure. */
export function planTocaro(request: PlanRequest, settings: TocaroOutSettings): Call[] {
  const group = groupOf(request)
  if (group === undefined) return []
  const operation = settings.hasAccessToken ? 'groups.messages' : 'inbound_webhook'
  // A missing hook is found here, before anything is sent.
  if (!settings.hasAccessToken) hookUrlOf(group, settings)
  const target: Target = { kind: 'group', id: group }
  return request.messages
    .flatMap((message) =>
      render(message, { platform: 'tocaro', kind: 'group', attachments: !settings.hasAccessToken }),
    )
    .map((post) => {
      if (settings.hasAccessToken && post.text === undefined) {
        throw invalid(
          'A Tocaro post through the Web API needs a text; attachments alone go by inbound webhook only.',
        )
      }
      return { operation, target, messages: [post] }
    })
}

/** Posts in a row: no figure is known, five at most is the cautious reading. */
const burst = 5

/** Per token and per hook: a limit exists, its scope is not documented [Web API reference]. */
export function limitOf(
  { operation, target }: Call,
  { name, limits, webhookUrl }: Pick<TocaroOutSettings, 'name' | 'limits' | 'webhookUrl'>,
): Limit {
  const hook = operation === 'inbound_webhook' && typeof webhookUrl === 'object' ? `:${target.id}` : ''
  return {
    scope: `tocaro:${name}:${operation}${hook}`,
    amount: burst,
    perMs: (burst * 60_000) / limits.perMinute,
  }
}

/** The inbound webhook that posts into the group. Throws `message_invalid` where there is none. */
export function hookUrlOf(group: string, { name, webhookUrl }: TocaroOutSettings): string {
  if (typeof webhookUrl === 'string') return webhookUrl
  if (webhookUrl === undefined) {
    throw invalid(`Bot "${name}" has neither an access token nor a webhookUrl to post with. Set one of them.`)
  }
  const url = Object.hasOwn(webhookUrl, group) ? webhookUrl[group] : undefined
  if (url === undefined) {
    throw invalid(
      `Bot "${name}" has no inbound webhook for group "${group}". Add a row for it to webhookUrl.`,
    )
  }
  return url
}

function groupOf(request: PlanRequest): string | undefined {
  const { kind, id } = request.kind === 'push' ? request.target : request.event.conversation
  if (kind === 'none') return undefined
  if (kind !== 'group' && kind !== 'channel') {
    throw invalid(`Tocaro posts into groups only, not to a ${kind}. Give a group's code.`)
  }
  // Neither nothing, nor dots that would climb up the path, nor half a character that no URL can hold.
  if (/^\.{0,2}$|\p{Surrogate}/u.test(id)) {
    throw invalid(
      `${JSON.stringify(id)} is no Tocaro group code. Take it from an event or from Tocaro's group list.`,
    )
  }
  return id
}

function invalid(message: string): HooklineError {
  return new HooklineError('message_invalid', message)
}
