#!/usr/bin/env node
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { serve } from '../say'

const connection = new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null })

/** BullMQ at its best: nothing to do, and nothing kept. */
new Worker('webhooks', async () => undefined, {
  connection,
  concurrency: Number(process.env['CONCURRENCY']),
  removeOnComplete: { count: 0 },
})

serve((_request, response) => response.end())
