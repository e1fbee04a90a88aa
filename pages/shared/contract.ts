/** What the pages know of `#libs/contract`: the types that need nothing of Node. */
export type * from '../../libs/contract/event'
export type * from '../../libs/contract/feed-entry'
export type * from '../../libs/contract/story'
/** Types of the emulator lead here; the pages make no use of it. */
export { HooklineError } from '../../libs/contract/errors'
