import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

/** A Lua script and its hash. All keys of a call must share a hash tag. */
export interface Script {
  lua: string
  sha: string
}

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') })

/** Runs a script by its hash, sending the text only when Redis does not know it yet. */
export async function runScript(
  redis: Pick<Redis, 'eval' | 'evalsha'>,
  { lua, sha }: Script,
  keys: string[],
  args: (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(lua, keys.length, ...keys, ...args)
  }
}
