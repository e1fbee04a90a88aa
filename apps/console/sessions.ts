import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import { SignJWT, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { type Stored, consoleKey, stored } from '#libs/access'
import type { RedisClient } from '#libs/redis'
import type { Role } from './api-types'
import type { User, Users } from './users'

/** A session that counts: its cookie was signed here, is in time and was not logged out. */
export interface LiveSession {
  id: string
  user: string
  role: Role
  /** Unix milliseconds. */
  expiresAt: number
  csrf: string
}

export interface Sessions {
  /** Sets the cookie. */
  start(user: User, shared: Stored, to: { request: Request; response: Response }): Promise<void>
  find(request: Request): Promise<LiveSession | undefined>
  /** From now on no console takes the cookie any more. */
  end(session: LiveSession, response: Response): Promise<void>
}

export interface SessionsOptions {
  redis: RedisClient
  users: Users
  sessionMs: number
  publicUrl: string | undefined
}

const cookieName = 'hookline_console'
/** Over TLS: with this prefix browsers take the cookie from nobody but this host, not from a neighbour under its domain. */
const secureName = `__Host-${cookieName}`

/**
 * Sessions are signed cookies; nothing is kept of them but which ones were logged out. The key comes from the user's
 * password hash and from a secret that all consoles of a Redis share: a new password ends the sessions of the old one.
 */
export function createSessions({ redis, users, sessionMs, publicUrl }: SessionsOptions): Sessions {
  const read = async (token: string): Promise<LiveSession | undefined> => {
    const name = userOf(token)
    if (name === undefined) return undefined
    const shared = await stored(redis)
    const user = await users.find(name, shared)
    if (!user) return undefined
    const key = keyOf(user, shared)
    const claims = await verified(token, key)
    return claims && { ...claims, user: name, role: user.role, csrf: csrfOf(claims.id, key) }
  }
  const isLive = async ({ id, expiresAt }: LiveSession) =>
    Date.now() < expiresAt && (await redis.exists(endedKey(id))) === 0
  return {
    start: async (user, shared, { request, response }) => {
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'HS256', kid: user.name })
        .setJti(randomBytes(16).toString('base64url'))
        .setExpirationTime(new Date(Date.now() + sessionMs))
        .sign(keyOf(user, shared))
      const secure = isSecure(request, publicUrl)
      response.cookie(secure ? secureName : cookieName, token, { ...flags, secure, maxAge: sessionMs })
    },
    find: async (request) => {
      const token = cookieOf(request)
      const session = token === undefined ? undefined : await read(token)
      return session && (await isLive(session)) ? session : undefined
    },
    end: async (session, response) => {
      const leftMs = Math.max(1, session.expiresAt - Date.now())
      await redis.set(endedKey(session.id), '1', 'PX', leftMs)
      response.clearCookie(cookieName, flags)
      response.clearCookie(secureName, { ...flags, secure: true })
    },
  }
}

/** Compares in constant time. */
export function isToken(given: string | undefined, { csrf }: LiveSession): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(csrf)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const endedKey = (id: string) => consoleKey('ended', id)

function keyOf({ name, role, passwordHash }: User, { secret }: Stored): Uint8Array {
  const info = `hookline console session of ${role} ${name}`
  return new Uint8Array(hkdfSync('sha256', passwordHash, secret, info, 32))
}

function csrfOf(id: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`csrf ${id}`).digest('base64url')
}

/** Whose session it says it is; its key then tells whether that is true. */
function userOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token)
    return typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}

async function verified(token: string, key: Uint8Array) {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp', 'jti'] })
    return { id: String(payload.jti), expiresAt: Number(payload.exp) * 1000 }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

function cookieOf({ headers }: Request): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const named = (name: string) => pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
  return named(secureName) ?? named(cookieName)
}

const flags = { httpOnly: true, sameSite: 'strict', path: '/' } as const

/** Wherever the browser speaks TLS, which behind a proxy only the settings and the browser itself know. */
function isSecure(request: Request, publicUrl: string | undefined): boolean {
  return request.secure || (request.headers.origin ?? publicUrl ?? '').startsWith('https:')
}
