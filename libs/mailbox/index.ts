export { readBacklog } from './backlog'
export {
  botsWithDeadLetters,
  deadLetterOf,
  deadLetterRefs,
  discardDeadLetters,
  isKnownBot,
  listDeadLetters,
  readDeadLetters,
} from './dead-letters'
export type { DeadLetter, LetterFilter, LetterRef, ParkReason } from './dead-letters'
export { addAttempt, erasedItem, newItem } from './item'
export type { Attempt, Item, PlannedCall } from './item'
export { botPrefix, recordMs } from './keys'
export type { Head, Lane } from './lane'
export { adviceFor, parkReasons } from './park-reasons'
export { createMailbox } from './post'
export type { Mailbox } from './post'
export { planReplay, replayDeadLetter, wakeLanes } from './replay'
export type { CallPlan, LateReplies, Replayed, ReplayPlan } from './replay'
export { isPush, readPush } from './push-record'
export type { PushRecord, PushState, PushStatus, PushedMessage } from './push-record'
export { retryDelay } from './retry-delay'
export { startLaneWorker } from './work'
export type { Drain, DrainResult, LaneWorker } from './work'
