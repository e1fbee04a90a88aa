import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { loadPrivateKey } from './private-key'
import { redisUrlProblem } from './redis-url'
import { baseUrlProblem, isHookUrls, type HookUrls } from './urls'

/*
 * The kinds of values that settings have. Every message says what is wrong in words that follow the
 * place ("INGRESS_PORT must be …") and never repeats the value: it may be a secret.
 */

const text = z.string({ error: 'must be one text, not a list or a map' })

/** A text in which nothing is wrong: `problemIn` says what is. */
export function checked(problemIn: (value: string) => string | undefined) {
  return text.superRefine((value, context) => {
    const message = problemIn(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
}

function tokenProblem(value: string): string | undefined {
  if (/\s/.test(value)) return 'has a blank or a line break in it'
  if (/^(["']).*\1$/.test(value)) return 'has quotation marks around it'
  return undefined
}

/** One word: an id, a secret, a host. */
export const token = checked(tokenProblem)

/** Any text that is not blank. */
export const words = checked((value) => (value.trim() === '' ? 'is blank' : undefined))

/** As `hookline console hash-password` prints it: the cost, salt and hash of scrypt. */
export const passwordHash =
  /^scrypt:(16384|32768|65536|131072|262144):(8|16):([1-8]):[\w-]{16,128}:[\w-]{43}$/

/** A password as it is, or as a hash. */
export const password = checked((value) => {
  if (value.trim() === '') return 'is blank'
  if (!value.startsWith('scrypt:') || passwordHash.test(value)) return undefined
  return 'begins with "scrypt:" but is no hash as `hookline console hash-password` prints it'
})

/** Text that others judge. */
export const anyText = text

/** A file of the bot author. */
export const filePath = words

/** A file, or in the config file what would stand in it. */
export const menuSource = z.union([words, z.record(z.string(), z.unknown())], {
  error: 'must be the path of a menu file, or the menus themselves',
})

/** Text is split at commas and white space; the entries of a list are taken as they are, empty ones left out. */
function listOf(atLeast: number) {
  return z.preprocess(
    (given) => {
      const entries: unknown = typeof given === 'string' ? given.split(/[\s,]+/) : given
      return Array.isArray(entries) ? entries.filter((entry) => entry !== '') : entries
    },
    z.array(token, { error: 'must be one text or a list of texts' }).min(atLeast, { error: 'is empty' }),
  )
}

/** Every secret in the list is accepted: the current one and, during a rotation, the previous one. */
export const secretList = listOf(1)

export const list = listOf(0)

export const privateKey = text.transform((given, context) => {
  try {
    return loadPrivateKey(given).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    return z.NEVER
  }
})

/** Taken as it is, to the last slash. */
export const exactUrl = checked(baseUrlProblem)

export const baseUrl = exactUrl.transform((url) => url.replace(/\/+$/, ''))

export const redisUrl = checked(redisUrlProblem)

/** One or more certificates; line breaks may have become literal `\n` in the environment. */
export const certificates = checked((pem) => {
  const blocks = certificateBlocks(pem)
  if (blocks.length === 0) return 'has no PEM block that begins with "-----BEGIN CERTIFICATE-----"'
  return blocks.every(isCertificate) ? undefined : 'has a PEM block that is not a certificate'
}).transform((pem) => certificateBlocks(pem).join('\n'))

function certificateBlocks(text: string): string[] {
  const lines = text.replace(/\\n/g, '\n')
  return lines.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

export const hookUrls = z.custom<HookUrls>(isHookUrls, {
  error: 'must be an http(s) URL, or in the config file a map from group code to URL',
})

export const postPath = checked((path) => {
  if (!path.startsWith('/')) return 'must start with "/"'
  return path.includes('{group}') ? tokenProblem(path) : 'must have {group} in it, where the group code goes'
})

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` })
}

/** Digits only: `Number()` alone would take '', '0x10' and '1e3'. The value is multiplied by `unit`. */
export function wholeNumber({ min, max, unit = 1 }: { min: number; max: number; unit?: number }) {
  return checked((value) => {
    const fits = /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max
    return fits ? undefined : `must be a whole number from ${min} to ${max}`
  }).transform((value) => Number(value) * unit)
}

const perMinute = wholeNumber({ min: 1, max: 100_000 })

/** In the environment a number, in the config file `{ perMinute: 240 }`. */
export const limits = z.preprocess(
  (given) => (typeof given === 'string' ? { perMinute: given } : given),
  z.strictObject({ perMinute }, { error: 'must be a map with perMinute, e.g. { perMinute: 240 }' }),
)

/** What is kept of events that have ended. */
export const timelineKeep = oneOf(['none', 'metadata', 'text'])
export const timelineDays = wholeNumber({ min: 1, max: 3650 })
export const timelineItems = wholeNumber({ min: 1, max: 10_000_000 })

/** In the environment one word, in the config file a map. */
export const timeline = z.preprocess(
  (given) => (typeof given === 'string' ? { keep: given } : given),
  z
    .strictObject(
      { keep: timelineKeep, days: timelineDays, items: timelineItems },
      { error: 'must be a map of keep, days and items, e.g. { keep: text, days: 3 }' },
    )
    .partial(),
)

/** For a setting whose default is '': nothing. No z.union, which would hide what is wrong with the value. */
export function orNothing<T extends z.ZodType>(kind: T) {
  return text.transform((given, context): z.output<T> | undefined => {
    if (given.trim() === '') return undefined
    const result = kind.safeParse(given)
    if (result.success) return result.data
    context.addIssue({ code: 'custom', message: result.error.issues[0]?.message ?? 'is not valid' })
    return z.NEVER
  })
}

/** `name=value` pairs, separated by commas, the values percent-encoded: as OpenTelemetry has them. */
export const headers = checked(headersProblem).transform((given) => Object.fromEntries(headerPairs(given)))

function headersProblem(given: string): string | undefined {
  try {
    const wrong = headerPairs(given).some(([name]) => !/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name))
    return wrong ? 'must be name=value pairs, separated by commas' : undefined
  } catch {
    return 'has a "%" that encodes nothing'
  }
}

function headerPairs(given: string): [name: string, value: string][] {
  return given
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name.trim(), decodeURIComponent(value.join('=').trim())]
    })
}

/** As OpenTelemetry has it: whatever is not "true" means false. */
export const trueOrNot = text.transform((value) => value.trim().toLowerCase() === 'true')
