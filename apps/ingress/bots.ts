import type { PlatformName, Received, Webhook, WebhookRequest } from '#libs/contract'
import { type WebhookSettings, createWebhook } from '#libs/platforms'

/** A bot as the ingress knows it. */
export interface IngressBot {
  name: string
  platform: PlatformName
  webhook: Webhook
}

export interface Bots {
  /** The bots that a request to this path may be for; undefined when the path is no webhook at all. */
  at(path: string): IngressBot[] | undefined
  named(name: string): IngressBot | undefined
}

/**
 * Paths: `/webhooks/NAME`; for Tocaro also anything below it and, because its documents leave open which
 * URL the handshake goes to, `/events` and anything below it at the root, where the body's token tells the bot.
 */
export function createBots(settings: WebhookSettings[]): Bots {
  const byName = new Map<string, IngressBot>(
    settings.map((bot) => [
      bot.name,
      { name: bot.name, platform: bot.platform, webhook: createWebhook(bot) },
    ]),
  )
  const tocaro = [...byName.values()].filter((bot) => bot.platform === 'tocaro')
  const byPath = new Map([...byName].map(([name, bot]) => [`/webhooks/${name}`, [bot]]))
  return {
    named: (name) => byName.get(name),
    at: (path) => {
      const bots = byPath.get(path)
      if (bots) return bots
      if (/^\/events(\/.*)?$/.test(path)) return tocaro
      const [, name, below] = /^\/webhooks\/([^/]+)(\/.*)?$/.exec(path) ?? []
      if (name === undefined) return undefined
      const bot = byName.get(name)
      const reachable = bot && (below === undefined || below === '/' || bot.platform === 'tocaro')
      return reachable ? [bot] : []
    },
  }
}

/** The first bot that the request is authentic for, or the last refusal. */
export function receive(
  bots: IngressBot[],
  request: WebhookRequest,
): { bot: IngressBot | undefined; received: Received } {
  let refusal: Received = { kind: 'refused', status: 401, reason: 'signature_mismatch' }
  for (const bot of bots) {
    const received = bot.webhook.receive(request)
    if (received.kind !== 'refused') return { bot, received }
    refusal = received
  }
  return { bot: bots.length === 1 ? bots[0] : undefined, received: refusal }
}
