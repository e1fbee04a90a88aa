export { readBacklog } from './backlog'
export { introduceBot, isBotName, isKnownBot, knownBots, platformOf } from './bots'
export {
  botsWithDeadLetters,
  deadLetterOf,
  deadLetterRefs,
  discardDeadLetters,
  listDeadLetters,
  readDeadLetters,
} from './dead-letters'
export type { DeadLetter, LetterFilter, LetterRef, ParkReason } from './dead-letters'
export { feedChannel, openFeed, readFeed, tellFeed } from './feed'
export type { FeedEntry } from '#libs/contract'
export { addAttempt, addStep, callsOf, erasedItem, newItem } from './item'
export type { Attempt, Item, PlannedCall, TimerChange } from './item'
export { discardDeadLettersOf, replayDeadLetters } from './bulk'
export type { BulkRef, LetterName } from './bulk'
export { botPrefix, recordMs } from './keys'
export type { Amended, Amendment, Head, Lane } from './lane'
export { adviceFor, parkReasons } from './park-reasons'
export { createMailbox } from './post'
export type { Mailbox } from './post'
export { pauseBot, readPause, resumeBot } from './pause'
export type { Pause, PauseOptions } from './pause'
export { planReplay, replayDeadLetter, wakeLanes } from './replay'
export type { CallPlan, LateReplies, Replayed, ReplayPlan } from './replay'
export { isPush, readPush } from './push-record'
export type { PushRecord, PushState, PushStatus, PushedMessage } from './push-record'
export {
  decodeCursor,
  encodeCursor,
  isBelow,
  latestOfLane,
  readStory,
  waitOfLane,
  waitingStories,
} from './read-stories'
export type { Place, StoryPage } from './read-stories'
export { findStories, laneMayBeOf, matches } from './find-stories'
export type { FoundStories, StoryFilter, StoryQuery } from './find-stories'
export {
  countWaiting,
  describeConversations,
  listConversations,
  placesOfAll,
  placesOfWaiting,
  waitingConversations,
} from './conversations'
export type { ConversationEntry, ConversationList, ConversationPlaces } from './conversations'
export { eraseUser } from './erase-user'
export type { ErasedUser } from './erase-user'
export { storyOf, storyOfLetter, withoutTexts } from './story-of'
export type { StoryAs } from './story-of'
export { readTimeline } from './timeline'
export type { Timeline } from './timeline'

export { openRawQueues } from './raw-queues'
export { retryDelay } from './retry-delay'
export { startTimerWorker } from './timer-worker'
export type { Fired, TimerWorker } from './timer-worker'
export type { Alarms, Timer } from './timers'
export { countWorkers } from './count-workers'
export { startLaneWorker } from './work'
export type { Drain, DrainResult, LaneWorker } from './work'
