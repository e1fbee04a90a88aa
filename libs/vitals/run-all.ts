import type { RedisClient } from '#libs/redis'

/** A Redis command with its arguments; the first of them is its key. */
export type Command = [name: string, key: string, ...args: (string | number)[]]

/** The reply, or what went wrong, of each command. */
export type Reply = [error: Error | null, reply: unknown]

/** Many commands at once: one pipeline, or on a cluster each to the server that has its key. */
export async function runAll(redis: RedisClient, commands: Command[]): Promise<Reply[]> {
  if (commands.length === 0) return []
  if (!redis.isCluster) return (await redis.pipeline(commands).exec()) ?? []
  return Promise.all(
    commands.map(([name, ...args]) =>
      redis.call(name, ...args).then(
        (reply): Reply => [null, reply],
        (error: unknown): Reply => [error instanceof Error ? error : new Error(String(error)), null],
      ),
    ),
  )
}
