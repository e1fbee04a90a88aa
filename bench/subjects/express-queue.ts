#!/usr/bin/env node
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Queue } from 'bullmq'
import express from 'express'
import { Redis } from 'ioredis'
import { serve } from '../say'

const secret = process.env['LINE_CHANNEL_SECRET'] ?? ''
const connection = new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null })
const queue = new Queue('webhooks', { connection })

const app = express()
app.post('/*path', express.raw({ type: '*/*' }), async (request, response) => {
  const body = request.body as Buffer
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(request.get('x-line-signature') ?? '', 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    response.sendStatus(401)
    return
  }
  const data = JSON.parse(body.toString()) as object
  await queue.add('webhook', data, { attempts: 3, backoff: { type: 'exponential', delay: 1000 } })
  response.sendStatus(200)
})

/** What tutorials show: Express, the raw body for its signature, one job per request. */
serve(app)
