// What bot authors import as `hookline`.
export { defineBot } from './define-bot'
export type { Bot, BotBuilder, BotOptions, Handler, Schedule } from './define-bot'
export type { SessionOptions } from './memory'
export { testBot } from './test-bot'
export type { Actions, Context, Said } from './context'
export type * from '#libs/contract'
export {
  action,
  buttons,
  carousel,
  choicesOf,
  file,
  image,
  link,
  location,
  mention,
  native,
  sticker,
  text,
  withoutTags,
} from '#libs/messages'
export type * from '#libs/messages'
export { ApiError, HooklineError } from '#libs/contract'
// What the worker needs to run one.
export type { Runtime, TimerSetting } from './context'
