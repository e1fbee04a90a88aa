#!/usr/bin/env node
import { createHmac } from 'node:crypto'
import { serve } from '../say'

const secret = process.env['LINE_CHANNEL_SECRET'] ?? ''

/** The reference: what nobody can leave out. Reads the body, verifies its signature, answers. */
serve((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const signature = createHmac('sha256', secret).update(Buffer.concat(chunks)).digest('base64')
    response.statusCode = signature === request.headers['x-line-signature'] ? 200 : 401
    response.end()
  })
})
