/**
 * What bot authors import as `hookline`. The guide says how it goes together.
 *
 * @module hookline
 */
export { defineBot } from './define-bot'
export type { Bot, BotOptions } from './define-bot'
export type { BotBuilder, Handler, Middleware, SubBot } from './builder'
export type { CommonFilter, DataFilter, Filter, Matched, TextFilter } from './filter'
export type { EventName, EventOf } from './event-of'
export type { Schedule, ScheduleOptions } from './schedule'
export type { SessionOptions } from './memory'
export type { AnswerEvent, AskOptions, Talk } from './dialogue-run'
export type { DefineDialogue, DialogueOptions } from './dialogues'
export { testBot } from './test-bot'
export type { Actions, Context, Said } from './context'
export type { Content, DownloadOptions } from './calls-support'
export type {
  ConversationInfo,
  EventDownloadOptions,
  PlatformCalls,
  PortableCalls,
  Profile,
} from './portable-calls'
// The same calls outside a handler: for a command, a page, a test.
export { createLineCalls } from './line-calls'
export type {
  LineCalls,
  LineContentOptions,
  LineRoom,
  LineSendOptions,
  NarrowcastOptions,
} from './line-calls'
export { createLineworksCalls } from './lineworks-calls'
export type {
  LineworksBot,
  LineworksBotFields,
  LineworksCalls,
  LineworksRoom,
  UploadOptions,
} from './lineworks-calls'
export { createTocaroCalls } from './tocaro-calls'
export type { TocaroCalls, TocaroGroupsOptions, TocaroRow } from './tocaro-calls'
export type {
  AccountLinkEvent,
  Action,
  ActivatedEvent,
  ApiCall,
  ApiErrorCode,
  ApiErrorDetails,
  ApiRequest,
  ApiResponse,
  ApiStream,
  AtMost,
  BeaconEvent,
  ButtonsMessage,
  Card,
  CarouselMessage,
  Conversation,
  DeliveryEvent,
  Emoji,
  ErrorCode,
  Event,
  EventBase,
  EventType,
  FileMessage,
  FollowEvent,
  ImageMessage,
  ImageSet,
  LinkMessage,
  LocationEvent,
  LocationMessage,
  MediaEvent,
  MembersEvent,
  MembershipEvent,
  Mention,
  MentionedUser,
  Message,
  MessageBase,
  MessageEditedEvent,
  MessageIds,
  ModuleEvent,
  NativeMessage,
  OpenSet,
  PlainEvent,
  PlatformName,
  PortableMessage,
  PostbackEvent,
  PostbackParams,
  QuickReply,
  StickerEvent,
  StickerId,
  StickerMessage,
  Target,
  TextEvent,
  TextMessage,
  TimerEvent,
  TooMany,
  UnknownEvent,
  UnsendEvent,
  VideoPlayCompleteEvent,
} from '#libs/contract'
export { ApiError, HooklineError } from '#libs/contract'
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
// What the worker needs to run one; left out of the reference.
export type { Runtime, TimerSetting } from './context'
export type { RunAbort } from './run-abort'
export { checkPushVia } from './push-via'
export type { BotPlatforms, PushVia } from './push-via'
export { Unsent } from './unsent'
export { createOnce } from './once'
export type { OnceResults } from './once'
