import { randomBytes } from 'node:crypto'
import { signTocaro } from '#libs/platforms'
import type { TocaroAccount } from './accounts'
import { isRecord } from './api-call'
import type { EmulatorContext } from './context'
import type { PostResult } from './http-post'
import type { Outgoing, WebhookSender } from './webhook-sender'

/** `reason` says in words why the endpoint was not taken. */
export type Registration = { registered: true } | { registered: false; reason: string }

export interface TocaroRegistrationOptions {
  account: TocaroAccount
  context: EmulatorContext
  sender: WebhookSender
}

/**
 * Runs the handshake with the endpoint. It must echo the challenge of a request with the right token, and,
 * unless `tocaroHandshakeWrongToken` is off, refuse one with a wrong token [assumed].
 */
export async function registerTocaro(
  endpoint: string,
  options: TocaroRegistrationOptions,
): Promise<Registration> {
  const { account, context, sender } = options
  const url = handshakeUrl(endpoint, context.settings().tocaroHandshakeUrl)
  if (url === undefined) return { registered: false, reason: `${JSON.stringify(endpoint)} is no http(s) URL` }
  if (context.settings().tocaroHandshakeWrongToken) {
    const forged = handshake(url, randomBytes(20).toString('hex'), refusesChallenge)
    const result = await sender.attempt(forged.outgoing)
    if (!refusesChallenge(result, forged.challenge)) {
      return {
        registered: false,
        reason: `The endpoint answered ${describe(result)} to a wrong token; it must refuse it.`,
      }
    }
  }
  const { outgoing, challenge } = handshake(url, account.signingSecret, echoesChallenge)
  const result = await sender.attempt(outgoing)
  if (echoesChallenge(result, challenge)) return { registered: true }
  return {
    registered: false,
    reason: `The endpoint did not echo the challenge; it answered ${describe(result)}.`,
  }
}

type Judge = (result: PostResult, challenge: string) => boolean

/** Exactly the three strings of the specification. */
function handshake(url: string, token: string, judge: Judge): { outgoing: Outgoing; challenge: string } {
  const challenge = randomBytes(16).toString('hex')
  const body = signTocaro(Buffer.from(JSON.stringify({ token, challenge, type: 'url_verification' })), token)
  const outgoing: Outgoing = {
    platform: 'tocaro',
    url,
    operation: 'url_verification',
    build: () => ({ headers: { 'content-type': 'application/json' }, body }),
    accepted: (result) => judge(result, challenge),
    nextAttempt: () => undefined,
  }
  return { outgoing, challenge }
}

function echoesChallenge({ status, headers, body }: PostResult, challenge: string): boolean {
  if (status !== 200 || !/^application\/json\b/i.test(headers['content-type'] ?? '')) return false
  try {
    const answer: unknown = JSON.parse(body)
    return isRecord(answer) && answer.challenge === challenge
  } catch {
    return false
  }
}

function refusesChallenge({ outcome, status, body }: PostResult, challenge: string): boolean {
  return outcome === 'answered' && status !== 200 && !body.includes(challenge)
}

function describe({ outcome, status, headers }: PostResult): string {
  return outcome === 'answered' ? `${status} ${headers['content-type'] ?? 'without a content type'}` : outcome
}

/** The four readings of an ambiguous page, sheet section 2.1. */
function handshakeUrl(endpoint: string, reading: 'V1' | 'V2' | 'V3' | 'V4'): string | undefined {
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) return undefined
  const { origin, pathname } = new URL(endpoint)
  const path = pathname.replace(/\/+$/, '')
  const paths = {
    V1: '/events/url_verification',
    V2: pathname,
    V3: `${path}/events/url_verification`,
    V4: `${path}/url_verification`,
  }
  return origin + paths[reading]
}
