// What bot authors import as `hookline`.
export { defineBot } from './define-bot'
export type { Bot, BotBuilder, Handler } from './define-bot'
export { testBot } from './test-bot'
export type { Context, Said } from './context'
export type {
  Conversation,
  Event,
  EventType,
  Message,
  NativeMessage,
  PlatformName,
  Target,
  TextMessage,
} from '#libs/contract'
// What the worker needs to run one.
export type { Runtime } from './context'
