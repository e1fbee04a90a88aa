import { type OperatorConfig, loadConfig } from '#libs/config'
import { type RedisClient, connectOperator } from '#libs/redis'
import { type Terminal, flushed, onUnread } from './terminal'

/** What a command that looks into Redis works with. */
export interface OperatorView {
  redis: RedisClient
  config: OperatorConfig
  print: (line: string) => void
}

/** Connects, runs a command, lets go. REDIS_URL is all it needs. Quiet when nobody reads on. */
export async function withRedis(
  { env, cwd, out }: Terminal,
  command: (view: OperatorView) => Promise<number>,
): Promise<number> {
  const config = loadConfig({ role: 'operator', env, cwd })
  const redis = await connectOperator(config.redisUrl, config.redisCa)
  onUnread(out, () => process.exit(0))
  try {
    return await command({ redis, config, print: (line) => void out.write(`${line}\n`) })
  } finally {
    redis.disconnect()
    await flushed(out)
  }
}
