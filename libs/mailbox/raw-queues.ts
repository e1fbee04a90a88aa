import { Queue } from 'bullmq'
import type { RedisClient } from '#libs/redis'
import { drainQueueName } from './drains'
import { botPrefix } from './keys'
import { timerQueueName } from './timers'

/** BullMQ's queues of a bot, as they are, for those who want to look at them: opening them writes nothing. */
export function openRawQueues(redis: RedisClient, bot: string): Queue[] {
  return [drainQueueName, timerQueueName].map((name) => openRawQueue(redis, bot, name))
}

export function openRawQueue(redis: RedisClient, bot: string, name: string): Queue {
  const queue = new Queue(name, {
    connection: redis,
    prefix: botPrefix(bot),
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  })
  // What goes wrong comes back from the call that it is about.
  queue.on('error', () => undefined)
  return queue
}
