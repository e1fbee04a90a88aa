import type { Platform } from '#libs/contract'
import { createTocaroSender } from './api'
import type { TocaroOutSettings } from './message'
import { createTocaroWebhook, type TocaroInSettings } from './webhook'

/** Tocaro: Event API in, Web API or inbound webhook out. */
export const tocaro: Platform<TocaroInSettings, TocaroOutSettings> = {
  name: 'tocaro',
  createWebhook: createTocaroWebhook,
  createSender: createTocaroSender,
}

export type { TocaroInSettings, TocaroOutSettings }
export { sign } from './webhook'
