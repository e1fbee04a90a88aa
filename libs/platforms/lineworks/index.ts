import type { Platform } from '#libs/contract'
import { createLineworksSender, type LineworksOutSettings } from './api'
import { createLineworksWebhook, type LineworksInSettings } from './webhook'

export { sign } from './webhook'
export type { LineworksInSettings } from './webhook'
export type { LineworksOutSettings } from './api'

/** LINE WORKS (in Korea NAVER WORKS), Bot API 2.0. */
export const lineworks: Platform<LineworksInSettings, LineworksOutSettings> = {
  name: 'lineworks',
  createWebhook: createLineworksWebhook,
  createSender: createLineworksSender,
}
