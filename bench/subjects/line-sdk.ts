#!/usr/bin/env node
import { messagingApi, middleware, type webhook } from '@line/bot-sdk'
import express from 'express'
import { serve } from '../say'

/** The sink in the place of LINE. */
const client = new messagingApi.MessagingApiClient({
  channelAccessToken: 'token',
  baseURL: process.env['SINK_URL'] ?? '',
})

async function handleEvent(event: webhook.Event) {
  if (event.type !== 'message' || event.message.type !== 'text' || event.replyToken === undefined) return null
  const messages = [{ type: 'text' as const, text: event.message.text }]
  return client.replyMessage({ replyToken: event.replyToken, messages })
}

const app = express()
app.post(
  '/*path',
  middleware({ channelSecret: process.env['LINE_CHANNEL_SECRET'] ?? '' }),
  (request, response, next) => {
    const { events } = request.body as webhook.CallbackRequest
    Promise.all(events.map(handleEvent)).then((result) => response.json(result), next)
  },
)

/** The echo bot of LINE's own documentation: it answers the user, and LINE after that. */
serve(app)
