import type { Event, PlatformName, Sender, TokenSource, WebhookRequest } from '#libs/contract'
import {
  type SenderSettings,
  type WebhookSettings,
  createSender,
  createWebhook,
  signLine,
  signLineworks,
  signTocaro,
} from '#libs/platforms'
import { misuse } from './test-world'

const secret = 'secret-of-testBot'
const name = 'test'

/** Never asked: nothing is sent. */
const tokens: TokenSource = {
  get: () => Promise.reject(misuse('testBot sends nothing.')),
  invalidate: async () => undefined,
}

/** What turns messages into the platform's own, with the limits of production. */
export function testSender(platform: PlatformName): Pick<Sender, 'plan'> {
  const apiBaseUrl = 'https://testbot.invalid'
  const limits = { perMinute: 60 }
  const settings: Record<PlatformName, SenderSettings> = {
    line: { platform: 'line', name, apiBaseUrl, replyFallback: 'push' },
    lineworks: { platform: 'lineworks', name, botId: '1', serviceAccount: 'a@test', limits, apiBaseUrl },
    tocaro: { platform: 'tocaro', name, apiBaseUrl, postPath: '/{group}', hasAccessToken: true, limits },
  }
  return createSender(settings[platform], tokens)
}

/** The body as it came from the platform, or the same as an object. */
export type WebhookBody = string | Uint8Array | object

/** What the platform's own parser makes of a recorded body; it is signed anew, with a secret of the test. */
export function parseWebhook(
  body: WebhookBody,
  { platform, botName, receivedAt }: { platform: PlatformName; botName: string; receivedAt: number },
): Event[] {
  const bytes =
    typeof body === 'string' || body instanceof Uint8Array
      ? Buffer.from(body)
      : Buffer.from(JSON.stringify(body))
  const settings: Record<PlatformName, WebhookSettings> = {
    line: { platform: 'line', name, channelSecret: [secret] },
    lineworks: { platform: 'lineworks', name, botId: '1', botSecret: [secret], botName },
    tocaro: { platform: 'tocaro', name, signingSecret: [secret], botName },
  }
  const received = createWebhook(settings[platform]).receive({ ...signed(platform, bytes), receivedAt })
  if (received.kind === 'events') return received.events
  const what = received.kind === 'challenge' ? 'a handshake, which no bot sees' : 'no JSON'
  throw misuse(`This ${platform} webhook body is ${what}.`)
}

function signed(platform: PlatformName, body: Buffer): Pick<WebhookRequest, 'headers' | 'body'> {
  switch (platform) {
    case 'line':
      return { headers: { 'x-line-signature': signLine(body, secret) }, body }
    case 'lineworks':
      return { headers: { 'x-works-signature': signLineworks(body, secret), 'x-works-botid': '1' }, body }
    case 'tocaro':
      return { headers: {}, body: signTocaro(body, secret) }
  }
}
