import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Redis } from 'ioredis'
import type { RedisClient } from './open-redis'

/** A Lua script and its hash. All keys of a call must share a hash tag. */
export interface Script {
  lua: string
  sha: string
}

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') })

/**
 * Runs a script by its hash, sending the text only when Redis does not know it yet: `onUnknown` is told before, since
 * what was sent meanwhile comes first then.
 */
export async function runScript(
  redis: Pick<Redis, 'eval' | 'evalsha'>,
  { lua, sha }: Script,
  keys: string[],
  args: (string | number)[],
  onUnknown?: () => void,
): Promise<unknown> {
  gatherWrites(redis)
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!isUnknownScript(error)) throw error
    onUnknown?.()
    return redis.eval(lua, keys.length, ...keys, ...args)
  }
}

/**
 * Commands in one system call. With more of them Redis would rest until all are written, and this process until all are
 * answered: they would take turns, each waiting for the other.
 */
const atMost = 8
const gathered = new WeakMap<Socket, number>()

/**
 * What is sent at once leaves in few system calls: the answers that came together wake drains that all ask for something
 * next. Not a turn of the event loop later, which would save Redis some more: a call that was answered is to be noted before
 * the process can die. A cluster has a connection per node, and is left alone.
 */
function gatherWrites(redis: object): void {
  const { stream } = redis as { stream?: Socket }
  if (!stream) return
  const commands = stream.writableCorked > 0 ? (gathered.get(stream) ?? 0) : 0
  const isFull = commands === atMost
  gathered.set(stream, isFull ? 1 : commands + 1)
  if (isFull) stream.uncork()
  else if (commands > 0) return
  else process.nextTick(() => stream.uncork())
  stream.cork()
}

/** A server that has just become the primary knows no script of the one before. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** How long replicas may take: milliseconds. Well within the time that a post may take. */
const waitMs = 200

export interface Waiting {
  replicas: number
  /** A key with the hash tag of the script's keys, for a write of no meaning. */
  probeKey: string
}

/**
 * As `runScript`, then waits for replicas; `replicas` is how many have it. In one pipeline, since WAIT is about
 * the writes of its own connection: asked on another one, be it after a reconnect, it would say yes to anything.
 * The write between makes sure that there is one, for a script that finds all done by an earlier call.
 */
export async function runScriptOnReplicas(
  redis: RedisClient,
  { lua, sha }: Script,
  { keys, args, waiting }: { keys: string[]; args: (string | number)[]; waiting: Waiting },
): Promise<{ reply: unknown; replicas: number }> {
  const run = (by: 'eval' | 'evalsha') => {
    const pipeline = redis.pipeline()
    pipeline[by](by === 'eval' ? lua : sha, keys.length, ...keys, ...args)
    return untilReplicated(pipeline, waiting)
  }
  const { replies, replicas } = await run('evalsha').catch((error: unknown) => {
    if (!isUnknownScript(error)) throw error
    return run('eval')
  })
  return { reply: replies[0], replicas }
}

/** How many replicas have this write. */
export async function probeReplicas(redis: RedisClient, waiting: Waiting): Promise<number> {
  return (await untilReplicated(redis.pipeline(), waiting)).replicas
}

async function untilReplicated(
  pipeline: ReturnType<RedisClient['pipeline']>,
  { replicas, probeKey }: Waiting,
): Promise<{ replies: unknown[]; replicas: number }> {
  const results = await pipeline.set(probeKey, '1', 'PX', 1000).wait(replicas, waitMs).exec()
  const replies = (results ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply
  })
  return { replies, replicas: Number(replies.at(-1) ?? 0) }
}
