import { z } from 'zod'
import { HooklineError } from '#libs/contract'

const ms = z.number().min(0)
const count = z.int().min(0)

/**
 * Everything about the platforms that can be turned. `[assumed]` marks a value that no platform document
 * states: it is a stand-in that we invented, not a fact about the platform.
 */
const schema = z.strictObject({
  /** Each API call waits this long before it is looked at. */
  latencyMs: ms.default(0),
  /** Only users and rooms that took part in an event exist; off: every well-formed id does. */
  strictRecipients: z.boolean().default(false),
  /** How far the platforms' clocks are ahead of this machine's: the `Date` header and what tokens go by. */
  clockOffsetMs: z.number().default(0),
  /** Language in LINE profiles. */
  userLanguage: z.string().default('ja'),
  /** How long the platform waits for the webhook's answer. LINE: 2 s; the other two [assumed]. */
  webhookTimeoutMs: z
    .strictObject({ line: ms.default(2000), lineworks: ms.default(3000), tocaro: ms.default(3000) })
    .prefault({}),

  /** LINE: how long after a (re)delivery a reply token is taken. The page promises one minute. */
  replyTokenLifeMs: ms.default(60_000),
  /** LINE [assumed]: a reply that fails validation uses up its token. */
  failedReplyConsumesToken: z.boolean().default(false),
  /** LINE: life of stateless tokens. */
  lineTokenLifeSeconds: count.default(900),
  /** LINE: limit of the endpoints that have none of their own. Bucket size [assumed]: one second's worth. */
  lineRatePerSecond: z.int().positive().default(2000),
  /** LINE: billed messages per month; null: no limit. */
  lineMonthlyQuota: count.nullable().default(null),
  /** LINE [assumed]: how long a video or an audio answers 202, and whether preparing it then fails. */
  lineTranscodingMs: ms.default(0),
  lineTranscodingFails: z.boolean().default(false),
  /** LINE: lists of followers and members are for verified accounts. */
  lineVerified: z.boolean().default(true),
  /** LINE: billed messages of this month that others sent, from LINE Official Account Manager say. */
  lineQuotaUsedElsewhere: count.default(0),
  /** LINE: whether a webhook URL is set in the console, and whether "Use webhook" is on. */
  lineWebhookSet: z.boolean().default(true),
  lineWebhookActive: z.boolean().default(true),
  /** LINE: response mode of the account; `chat` means that people answer. */
  lineChatMode: z.enum(['bot', 'chat']).default('bot'),
  /** LINE: a console switch, off by default. Number and distance of the tries are undisclosed [assumed]. */
  lineRedelivery: z
    .strictObject({
      enabled: z.boolean().default(false),
      tries: count.default(3),
      intervalMs: ms.default(60_000),
    })
    .prefault({}),
  /** LINE: bodies carry \uXXXX for all that is not ASCII. Seen in the wild, not in every body. */
  lineEscapes: z.boolean().default(true),

  /** LINE WORKS: a setting of the app, one hour or one day. */
  lineworksTokenLifeSeconds: count.default(86_400),
  /** LINE WORKS: refreshing gives a new refresh token too ("Refresh Token Rotation"). */
  lineworksRefreshRotation: z.boolean().default(false),
  /** LINE WORKS: scopes switched on for the app. */
  lineworksScopes: z.array(z.string()).default(['bot', 'bot.message', 'bot.read']),
  /** LINE WORKS: the bot's Callback is switched on in the Developer Console. */
  lineworksCallback: z.boolean().default(true),
  /** LINE WORKS: 240 in the paid plans, 60 in the free one; counted per operation. */
  lineworksRatePerMinute: z.int().positive().default(240),
  /** LINE WORKS: the window of that limit; shorter than a minute so that a test need not wait for one. */
  lineworksRateWindowMs: z.int().positive().default(60_000),
  /** LINE WORKS: calls at the same time, 0 = no limit. A limit exists; 5 is hearsay, its answer [assumed]. */
  lineworksMaxConcurrent: count.default(0),
  /** LINE WORKS: spelling of the webhook's header names; what is on the wire is not known. */
  lineworksHeaderCase: z.enum(['documented', 'lower']).default('documented'),
  /** LINE WORKS: `documented` has milliseconds except on join and begin; `seconds` never has them. */
  lineworksIssuedTime: z.enum(['documented', 'seconds']).default('documented'),
  /** LINE WORKS: `escaped` (indented, \uXXXX) breaks bots that verify a re-serialised body. */
  lineworksBody: z.enum(['compact', 'escaped']).default('compact'),

  /** Tocaro: which reading of the ambiguous page is played (sheet section 2.1) [assumed]. */
  tocaroHandshakeUrl: z.enum(['V1', 'V2', 'V3', 'V4']).default('V1'),
  /** Tocaro [assumed]: registration also tries a wrong token, which must be refused. */
  tocaroHandshakeWrongToken: z.boolean().default(true),
  /** Tocaro: R1 first try + 5 retries, R2 five sends in all, R3 any five failures in a row [assumed]. */
  tocaroRetryMode: z.enum(['R1', 'R2', 'R3']).default('R1'),
  tocaroRetryIntervalMs: ms.default(60_000),
  /** Tocaro [assumed]: value of `x-tocaro-retry`: the retry's number, or this text; null: no header. */
  tocaroRetryHeader: z.string().nullable().default('number'),
  /** Tocaro [assumed]: a retry carries a new `eventTime`. */
  mutateEventTimeOnRetry: z.boolean().default(true),
  /** Tocaro [assumed]: which credential an event's `token` is. */
  tocaroEventToken: z.enum(['signingSecret', 'accessToken']).default('signingSecret'),
  /** Tocaro [assumed]: how an event without mentions says so. */
  tocaroMentions: z.enum(['empty', 'null', 'absent']).default('empty'),
  /** Tocaro: scopes of the access token; `read` is GET only, `write` is the rest only. */
  tocaroScope: z.enum(['both', 'read', 'write']).default('both'),
  /** Tocaro: 0 = no limit. A 429 exists, its numbers are unknown [assumed]. */
  tocaroRatePerSecond: count.default(0),
  /** Tocaro [assumed]: status of an accepted post. */
  tocaroPostStatus: z.union([z.literal(200), z.literal(201)]).default(201),
  /** Tocaro [assumed]: the bot gets its own posts as events. */
  echoOwnPosts: z.boolean().default(false),
})

/** The knobs of the emulator, with the platforms' documented values or the sheets' safe ones. */
export type EmulatorSettings = z.infer<typeof schema>

/** Some of the knobs; of `webhookTimeoutMs` and `lineRedelivery` also only some of theirs. */
export type SettingsPatch = Partial<Omit<EmulatorSettings, NestedKey>> & {
  [K in NestedKey]?: Partial<EmulatorSettings[K]>
}

type NestedKey = 'webhookTimeoutMs' | 'lineRedelivery'

export interface SettingsStore {
  current: () => EmulatorSettings
  /** Changes what is given, refuses unknown names and impossible values with `config_invalid`. */
  patch: (patch: unknown) => EmulatorSettings
}

export function createSettings(initial: SettingsPatch = {}): SettingsStore {
  let current = checked(initial)
  return {
    current: () => current,
    patch: (patch) => (current = checked(merged(current, patch))),
  }
}

function merged(current: EmulatorSettings, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) return patch
  const { webhookTimeoutMs, lineRedelivery, ...rest } = patch as SettingsPatch
  return {
    ...current,
    ...rest,
    webhookTimeoutMs: { ...current.webhookTimeoutMs, ...webhookTimeoutMs },
    lineRedelivery: { ...current.lineRedelivery, ...lineRedelivery },
  }
}

function checked(settings: unknown): EmulatorSettings {
  const result = schema.safeParse(settings)
  if (result.success) return result.data
  throw new HooklineError(
    'config_invalid',
    `These emulator settings are wrong:\n${z.prettifyError(result.error)}`,
  )
}
