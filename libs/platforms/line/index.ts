import type { Platform } from '#libs/contract'
import { createLineApi, type LineOutSettings } from './api'
import { limitOf, planLine } from './message'
import { createLineWebhook, type LineInSettings } from './webhook'

export type { LineOutSettings } from './api'
export { sign } from './webhook'
export type { LineInSettings } from './webhook'

/** LINE Messaging API. */
export const line: Platform<LineInSettings, LineOutSettings> = {
  name: 'line',
  createWebhook: createLineWebhook,
  createSender: (settings, tokens) => ({
    plan: (request) => planLine(request, settings),
    limitOf: (call) => limitOf(call, settings),
    ...createLineApi(settings, tokens),
  }),
}
