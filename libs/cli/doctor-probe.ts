import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { BotInspection } from '#libs/config'
import { signLine, signLineworks } from '#libs/platforms'

/** One bot as the checks know it. */
export type BotSettings = BotInspection['settings']

/**
 * What a webhook URL made of a request that creates no event.
 * - `accepted`: it knows the bot and its secret. `refused`: 401, one of them is wrong.
 * - `hookline`: a Hookline ingress answered; more can't be told without making up an event.
 * - `no-secret`: there is none here to sign with.
 * - `other`: something else answered. `away`: nobody did.
 */
export type ProbeResult =
  | { kind: 'accepted' | 'refused' | 'hookline' | 'no-secret' }
  | { kind: 'other'; status: number; location?: string }
  | { kind: 'away'; code: string }

const timeoutMs = 5000

/**
 * LINE: a signed body without events, as LINE's own test sends. LINE WORKS has no such thing, so the request is
 * signed but names another bot, which is refused before anything is stored. Tocaro: see `verifyTocaro`.
 */
export async function probeWebhook(url: string, bot: BotSettings): Promise<ProbeResult> {
  const request = probeRequest(bot)
  if (!request) return { kind: 'no-secret' }
  try {
    const { status, body, location } = await post(url, request)
    if (status >= 200 && status < 300) return { kind: 'accepted' }
    if (status === 401 && body.includes('unauthorized'))
      return { kind: bot.platform === 'lineworks' ? 'hookline' : 'refused' }
    return { kind: 'other', status, ...(location === undefined ? {} : { location }) }
  } catch (error) {
    return { kind: 'away', code: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}

interface Probe {
  headers: Record<string, string>
  body: Buffer
}

function probeRequest(bot: BotSettings): Probe | undefined {
  const json = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'hookline-doctor' }
  if (bot.platform === 'line') {
    const secret = bot.channelSecret?.[0]
    const body = Buffer.from(`{"destination":"U${'0'.repeat(32)}","events":[]}`)
    return secret === undefined
      ? undefined
      : { body, headers: { ...json, 'x-line-signature': signLine(body, secret) } }
  }
  if (bot.platform === 'lineworks') {
    const secret = bot.botSecret?.[0]
    const body = Buffer.from('{"type":"hookline.doctor"}')
    return secret === undefined
      ? undefined
      : {
          body,
          headers: {
            ...json,
            'x-works-botid': 'hookline-doctor',
            'x-works-signature': signLineworks(body, secret),
          },
        }
  }
  return undefined
}

interface Answer {
  status: number
  body: string
  location: string | undefined
}

/** Whatever its certificate: that is judged on its own, and the request holds no secret. */
function post(url: string, { headers, body }: Probe): Promise<Answer> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': body.length },
        rejectUnauthorized: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += text.length < 10_000 ? chunk.toString() : ''))
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text, location: response.headers.location }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
