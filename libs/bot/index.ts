// What bot authors import as `hookline`.
export { defineBot } from './define-bot'
export type { Bot, BotBuilder, BotOptions, Handler, Schedule } from './define-bot'
export type { SessionOptions } from './memory'
export type { AnswerEvent, AskOptions, Talk } from './dialogue-run'
export type { DefineDialogue, DialogueOptions } from './dialogues'
export { testBot } from './test-bot'
export type { Actions, Context, Said } from './context'
export type * from '#libs/contract'
export { ApiError, HooklineError } from '#libs/contract'
// What the worker needs to run one.
export type { Runtime, TimerSetting } from './context'
export { createOnce } from './once'
export type { OnceResults } from './once'
