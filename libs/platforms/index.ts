import type { Caller, Sender, TokenSource, Webhook } from '#libs/contract'
import { type LineInSettings, type LineOutSettings, line } from './line'
import { type LineworksInSettings, type LineworksOutSettings, lineworks } from './lineworks'
import { type TocaroInSettings, type TocaroOutSettings, tocaro } from './tocaro'

export { sign as signLine } from './line'
export { sign as signLineworks } from './lineworks'
export { sign as signTocaro } from './tocaro'
export { pushTarget } from './push-target'

/** What the ingress needs of a bot. */
export type WebhookSettings =
  | ({ platform: 'line' } & LineInSettings)
  | ({ platform: 'lineworks' } & LineworksInSettings)
  | ({ platform: 'tocaro' } & TocaroInSettings)

/** What the worker needs of a bot, beside its tokens. */
export type SenderSettings =
  | ({ platform: 'line' } & LineOutSettings)
  | ({ platform: 'lineworks' } & LineworksOutSettings)
  | ({ platform: 'tocaro' } & TocaroOutSettings)

export function createWebhook(settings: WebhookSettings): Webhook {
  switch (settings.platform) {
    case 'line':
      return line.createWebhook(settings)
    case 'lineworks':
      return lineworks.createWebhook(settings)
    case 'tocaro':
      return tocaro.createWebhook(settings)
  }
}

/** The side that the worker sees: sending, and any other call. */
export function createSender(settings: SenderSettings, tokens: TokenSource): Sender & Caller {
  switch (settings.platform) {
    case 'line':
      return line.createSender(settings, tokens)
    case 'lineworks':
      return lineworks.createSender(settings, tokens)
    case 'tocaro':
      return tocaro.createSender(settings, tokens)
  }
}
