#!/usr/bin/env node
import type { webhook } from '@line/bot-sdk'
import axios from 'axios'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { serve } from '../say'

const connection = new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null })
const reply = `${process.env['SINK_URL'] ?? ''}/v2/bot/message/reply`

/** What an ownership and a mark of one's own would ask before a call. */
const questions = Number(process.env['QUESTIONS'] ?? 0)

/** What tutorials show: one job per event, which answers with axios. */
new Worker<webhook.CallbackRequest>(
  'webhooks',
  async ({ data }) => {
    for (const event of data.events) {
      if (event.type !== 'message' || event.message.type !== 'text') continue
      for (let asked = 0; asked < questions; asked++) await connection.ping()
      const messages = [{ type: 'text', text: event.message.text }]
      await axios.post(
        reply,
        { replyToken: event.replyToken, messages },
        { headers: { Authorization: 'Bearer token' } },
      )
    }
  },
  { connection, concurrency: Number(process.env['CONCURRENCY']) },
)

serve((_request, response) => response.end())
