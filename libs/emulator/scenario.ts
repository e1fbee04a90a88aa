import { z } from 'zod'
import { HooklineError } from '#libs/contract'
import { faultSchema } from './faults'
import { mediaType } from './page-deeds'
import type { Act, PageFaultRequest, Scenario } from './page-types'

const platform = z.enum(['line', 'lineworks', 'tocaro'])
const contentType = z.string().regex(mediaType)
const record = z.record(z.string(), z.unknown())
const id = z.string().min(1).max(300)
const words = z.string().min(1).max(10_000)

const deed = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('text'),
    text: words,
    mentionsBot: z.boolean().optional(),
    replyTo: id.optional(),
  }),
  z.strictObject({ kind: z.literal('sticker'), packageId: id, stickerId: id }),
  z.strictObject({
    kind: z.literal('image'),
    name: id.optional(),
    data: z.string().optional(),
    contentType: contentType.optional(),
  }),
  z.strictObject({
    kind: z.literal('file'),
    name: id,
    data: z.string(),
    contentType: contentType.optional(),
  }),
  z.strictObject({
    kind: z.literal('location'),
    title: z.string().optional(),
    address: z.string(),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
  z.strictObject({ kind: z.literal('tap'), action: record, params: record.optional() }),
  z.strictObject({ kind: z.enum(['follow', 'unfollow', 'join', 'leave']) }),
  z.strictObject({ kind: z.literal('unsend'), messageId: id }),
  z.strictObject({ kind: z.literal('edit'), messageId: id, text: words }),
])

const actSchema = z.strictObject({ platform, user: id, room: id.optional(), does: deed })

const outageSchema = z.strictObject({
  kind: z.enum(['platform-down', 'redis-down', 'reply-token-expired']),
  platform: platform.optional(),
  durationMs: z.number().positive().optional(),
})

const faultRequest = z.union([outageSchema, faultSchema])

const afterMs = z.number().min(0).max(3_600_000)
const step = z.discriminatedUnion('do', [
  z.strictObject({ afterMs, do: z.literal('act'), act: actSchema, messageId: id.optional() }),
  z.strictObject({ afterMs, do: z.literal('fault'), fault: faultRequest }),
  z.strictObject({ afterMs, do: z.literal('clear-faults') }),
  z.strictObject({ afterMs, do: z.literal('kill-worker') }),
])

const scenarioSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1).max(200),
  steps: z.array(step).max(10_000),
})

/** Checks a scenario; refuses another shape with `config_invalid` and where it is wrong. */
export function readScenario(value: unknown): Scenario {
  return checked(scenarioSchema, value, 'This scenario is wrong') as Scenario
}

export function readAct(value: unknown): Act {
  return checked(actSchema, value, 'This act is wrong') as Act
}

export function readPageFault(value: unknown): PageFaultRequest {
  const isOutage = outageSchema.shape.kind.safeParse((value as { kind?: unknown } | null)?.kind).success
  const schema: z.ZodType = isOutage ? outageSchema : faultSchema
  return checked(schema, value, 'This fault is wrong') as PageFaultRequest
}

/** Optional fields that are absent stay absent: JSON has no `undefined`. */
function checked(schema: z.ZodType, value: unknown, words: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new HooklineError('config_invalid', `${words}:\n${z.prettifyError(result.error)}`)
}
