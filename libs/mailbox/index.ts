export { readBacklog } from './backlog'
export { countWorkers } from './count-workers'
export { introduceBot, isKnownBot, knownBots, platformOf } from './bots'
export {
  botsWithDeadLetters,
  deadLetterOf,
  deadLetterRefs,
  discardDeadLetters,
  listDeadLetters,
  readDeadLetters,
} from './dead-letters'
export type { DeadLetter, LetterFilter, LetterRef, ParkReason } from './dead-letters'
export { feedChannel, readFeed, tellFeed } from './feed'
export type { FeedEntry } from './feed'
export { addAttempt, erasedItem, newItem } from './item'
export type { Attempt, Item, PlannedCall } from './item'
export { botPrefix } from './keys'
export type { Head, Lane } from './lane'
export { adviceFor, parkReasons } from './park-reasons'
export { createMailbox } from './post'
export type { Mailbox } from './post'
export { pauseBot, readPause, resumeBot } from './pause'
export type { Pause } from './pause'
export { planReplay, replayDeadLetter, wakeLanes } from './replay'
export type { CallPlan, LateReplies, Replayed, ReplayPlan } from './replay'
export { retryDelay } from './retry-delay'
export { startLaneWorker } from './work'
export type { Drain, DrainResult, LaneWorker } from './work'
