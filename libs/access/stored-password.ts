import { randomBytes, randomInt } from 'node:crypto'
import type { RedisClient } from '#libs/redis'
import { hashPassword } from './password-hash'

/** A key of the console. All of them share a hash tag, so that one call may ask for several on a cluster. */
export function consoleKey(...name: string[]): string {
  return ['{hookline:console}', ...name].join(':')
}

const passwordKey = consoleKey('password')
const secretKey = consoleKey('secret')

/** What all consoles of a Redis share. */
export interface Stored {
  /** Random, made once: a part of the key that signs sessions. Without a user's password it is good for nothing. */
  secret: Buffer
  /** Hash of the password that was generated, where one was. */
  passwordHash?: string
}

/** The keys of `stored`, for those who ask for more in the same call. */
export const storedKeys = [secretKey, passwordKey] as const

/** Makes the secret if there is none yet. */
export async function stored(redis: RedisClient): Promise<Stored> {
  const [secret, passwordHash] = await redis.mget(...storedKeys)
  if (secret == null) {
    await redis.set(secretKey, randomBytes(32).toString('base64url'), 'NX')
    return stored(redis)
  }
  return { secret: Buffer.from(secret, 'base64url'), ...(passwordHash == null ? {} : { passwordHash }) }
}

/** Generates the first password: undefined when there is one already. Only its hash is kept: show it now or never. */
export async function storeFirstPassword(redis: RedisClient): Promise<string | undefined> {
  // Most starts find one; a hash would be made in vain.
  if ((await redis.exists(passwordKey)) === 1) return undefined
  const password = generated()
  const isFirst = await redis.set(passwordKey, await hashPassword(password), 'NX')
  return isFirst === 'OK' ? password : undefined
}

/** Generates a password in place of the one before, and so ends the sessions of those who used that. */
export async function replaceStoredPassword(redis: RedisClient): Promise<string> {
  const password = generated()
  await redis.set(passwordKey, await hashPassword(password))
  return password
}

/** Without letters and digits that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** 99 bits, in groups that can be read out: `k3vd-…`. */
export function generated(): string {
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: 5 }, group).join('-')
}
