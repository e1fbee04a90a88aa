import type { Http } from '#libs/http'

/** What a bot's access tokens come from. `name` is the bot's name. */
export type TokenSettings = LineTokenSettings | LineWorksTokenSettings | TocaroTokenSettings

/** The first that is complete wins: long-lived token, v2.1 (assertion key), stateless (channel secret). */
export interface LineTokenSettings {
  platform: 'line'
  name: string
  apiBaseUrl: string
  channelAccessToken?: string | undefined
  channelId?: string | undefined
  /** Newest first. */
  channelSecret?: string[] | undefined
  /** PEM. */
  assertionKey?: string | undefined
  assertionKid?: string | undefined
}

export interface LineWorksTokenSettings {
  platform: 'lineworks'
  name: string
  authBaseUrl: string
  clientId: string
  clientSecret: string
  serviceAccount: string
  /** PEM. */
  privateKey: string
  scope: string
}

/** Without a token the bot can still be heard; `get` then throws. */
export interface TocaroTokenSettings {
  platform: 'tocaro'
  name: string
  accessToken?: string | undefined
}

/** The part of ioredis' `Redis` or `Cluster` that tokens need. */
export interface TokenRedis {
  get(key: string): Promise<string | null>
  set(key: string, value: string, px: 'PX', ms: number, nx: 'NX'): Promise<'OK' | null>
  eval(script: string, keys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>
}

/** The part of a pino logger that tokens need. */
export interface TokenLog {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
}

export interface TokenDeps {
  http: Http
  redis: TokenRedis
  /** The bot's prefix in Redis, with its hash tag: `{hookline:helpdesk}`. */
  keyPrefix: string
  /** Unix milliseconds. */
  now?: () => number
  /** Called once for each token that a platform issued, with the bot's name. */
  onMint?: (bot: string) => void
  log?: TokenLog
}

/** A token with its life, in Unix milliseconds. */
export interface Grant {
  token: string
  mintedAt: number
  expiresAt: number
}
