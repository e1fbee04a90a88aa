#!/usr/bin/env node
import { createHmac } from 'node:crypto'
import { Redis } from 'ioredis'
import { serve } from '../say'

const secret = process.env['LINE_CHANNEL_SECRET'] ?? ''
const redis = new Redis(process.env['REDIS_URL'] ?? '', {
  maxRetriesPerRequest: null,
  enableAutoPipelining: true,
})

interface Body {
  events: { source: { userId: string } }[]
}

/**
 * The least that stores before it answers: reads the body, verifies its signature, and appends it to the list of its user.
 * It knows no duplicates, wakes nobody and loses what Redis does not take.
 */
serve((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => void store(Buffer.concat(chunks)))

  async function store(body: Buffer): Promise<void> {
    const signature = createHmac('sha256', secret).update(body).digest('base64')
    const { events } = JSON.parse(body.toString()) as Body
    if (signature === request.headers['x-line-signature'])
      await redis.rpush(`user:${events[0]?.source.userId ?? ''}`, body)
    else response.statusCode = 401
    response.end()
  }
})
