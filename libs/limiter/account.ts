import type { Limit } from '#libs/contract'
import type { RedisClient } from '#libs/redis'

/** Whose limits a bot's calls count against: the first two parts of a scope, `line:shop` or `lineworks:example.com`. */
export function accountOf({ scope }: Pick<Limit, 'scope'>): string {
  return scope.split(':').slice(0, 2).join(':')
}

/** What of the account the calls of a limit use: the rest of its scope. */
export function operationOf({ scope }: Pick<Limit, 'scope'>): string {
  return scope.split(':').slice(2).join(':')
}

/** The limiter's keys: the account is their hash tag. A bot has one account; bots may share one. */
export function accountKeys(account: string, bot: string) {
  const prefix = `{hookline:limit:${account}}`
  return {
    scope: (operation: string) => `${prefix}:scope:${operation}`,
    scopes: `${prefix}:scopes`,
    breaker: `${prefix}:breaker:${bot}`,
    hold: `${prefix}:hold:${bot}`,
    held: `${prefix}:held:${bot}`,
  }
}

/** Where it stands which account a bot has: in the bot's own slot, for who knows the bot only. */
function accountKey(bot: string): string {
  return `{hookline:${bot}}:account`
}

/** The account of a bot; undefined where no worker has worked for it. */
export async function readAccount(redis: RedisClient, bot: string): Promise<string | undefined> {
  return (await redis.get(accountKey(bot))) ?? undefined
}

/** Returns the account that was known before. */
export async function writeAccount(
  redis: RedisClient,
  bot: string,
  account: string,
): Promise<string | undefined> {
  const before = await readAccount(redis, bot)
  if (before !== account) await redis.set(accountKey(bot), account)
  return before
}
