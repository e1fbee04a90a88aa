import { createHash, randomBytes, randomInt } from 'node:crypto'
import type { Conversation } from '#libs/contract'

const kinds = { U: 'user', C: 'group', R: 'room' } as const
const lineId = /^[UCR][0-9a-f]{32}$/

/** Kind and id of a LINE user, group or room; undefined for what is no LINE id. */
export function lineConversation(id: unknown): Conversation | undefined {
  if (typeof id !== 'string' || !lineId.test(id)) return undefined
  return { kind: kinds[id[0] as keyof typeof kinds], id }
}

/** A LINE id for a plain name, always the same one; a LINE id stays as it is. */
export function lineIdOf(prefix: 'U' | 'C', name: string): string {
  return lineId.test(name) ? name : prefix + createHash('sha256').update(name).digest('hex').slice(0, 32)
}

/** Digits beyond 2^53, as LINE's message ids are. */
export function newLineMessageId(): string {
  return String(900_000_000_000_000_000n + BigInt(randomInt(2 ** 47)))
}

export function newLineToken(): string {
  return randomBytes(24).toString('base64url')
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A ULID: ten characters of time, sixteen of chance [doc R#common-properties: webhookEventId]. */
export function newUlid(now: number): string {
  const time = Array.from({ length: 10 }, (_, i) => crockford[Math.floor(now / 32 ** (9 - i)) % 32])
  const chance = Array.from(randomBytes(16), (byte) => crockford[byte % 32])
  return [...time, ...chance].join('')
}
