/**
 * The calls that every context has. All of the types are exported by `hookline`.
 *
 * @module portable-calls
 */

import {
  ApiError,
  type ApiCall,
  type Conversation,
  type Event,
  HooklineError,
  type PlatformName,
  unlessUnknown,
} from '#libs/contract'
import { type Content, type DownloadOptions, fetchContent, given, invalid, record } from './calls-support'
import { type LineCalls, type LineRoom, createLineCalls } from './line-calls'
import { type LineworksCalls, createLineworksCalls } from './lineworks-calls'
import type { RunAbort } from './run-abort'
import { type TocaroCalls, createTocaroCalls } from './tocaro-calls'

/** A user, as far as the platform tells. */
export interface Profile {
  userId: string
  displayName: string
  /** https. */
  pictureUrl?: string
  /** BCP 47. */
  language?: string
  statusMessage?: string
}

/** A conversation, as far as the platform tells. */
export interface ConversationInfo extends Pick<Conversation, 'kind' | 'id'> {
  name?: string
  pictureUrl?: string
  /** LINE: without the bot. */
  memberCount?: number
  /** LINE WORKS: `SINGLE_USER`, `MULTI_USERS`, `ORGUNIT`, `GROUP`. */
  type?: string
}

export interface EventDownloadOptions extends DownloadOptions {
  /** LINE: how long to wait for a video or an audio that is still prepared: milliseconds. Default 20 s. */
  waitMs?: number
}

/** Calls that every context has. What a platform lacks is said at each; docs/guide/calls.md has a table. */
export interface PortableCalls {
  /**
   * Who somebody is, by default who caused the event. Undefined where the platform does not tell: LINE WORKS, Tocaro, and
   * on LINE a user who is unknown or has blocked the bot.
   */
  profile(userId?: string): Promise<Profile | undefined>
  /**
   * User ids of the conversation's members, page by page: LINE groups and rooms (verified accounts only) and LINE WORKS
   * rooms. Of a one-to-one conversation its user; nobody on Tocaro, which does not tell.
   */
  memberIds(): AsyncIterable<string>
  /** What the conversation is called. Undefined where the platform does not tell: Tocaro, LINE WORKS one-to-one. */
  conversationInfo(): Promise<ConversationInfo | undefined>
  /**
   * The image, video, audio or file that the event brought. Fetch it soon: platforms delete it after hours. Rejects with
   * `message_invalid` for an event without one, with `api_rejected` (status 410) where the user took it back.
   */
  download(options?: EventDownloadOptions): Promise<Content>
  /** The bot leaves the group or room. Rejects with `no_target` where it can't: one-to-one, and on Tocaro. */
  leave(): Promise<void>
  /**
   * Shows that an answer is on its way, for 5 to 60 s (rounded up to a multiple of 5; default 20): LINE one-to-one, nothing
   * elsewhere. Never rejects for what the platform says: it is a courtesy.
   */
  showLoading(seconds?: number): Promise<void>
  /** Marks the conversation as read up to this message: LINE, nothing elsewhere. Never rejects, as `showLoading`. */
  markAsRead(): Promise<void>
}

/** Calls of each platform's own. */
interface Natives {
  line: LineCalls
  lineworks: LineworksCalls
  tocaro: TocaroCalls
}

/** What a context on platform `P` can call. */
export type PlatformCalls<P extends PlatformName> = PortableCalls & Pick<Natives, P>

interface Surroundings {
  call: ApiCall
  abort: Pick<RunAbort, 'signal'>
}

/** The calls for one event. */
interface CallsOfEvent {
  portable: PortableCalls
  /** Its platform's own; undefined for another platform's. */
  native: <N extends keyof Natives>(name: N) => Natives[N] | undefined
}

/** The portable calls for an event, and its platform's own. @internal */
export function platformCalls(event: Event, surroundings: Surroundings): CallsOfEvent {
  const { call } = surroundings
  const line = whenAsked(() => createLineCalls(call))
  const lineworks = whenAsked(() => createLineworksCalls(call))
  const natives = { line, lineworks, tocaro: () => createTocaroCalls(call) }
  return {
    portable: portableCalls(event, surroundings, natives),
    native: (name) => (name === event.platform ? natives[name]() : undefined) as never,
  }
}

/** Most handlers only reply, and these are some fifty functions per event. */
function whenAsked<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

type Makers = { [N in keyof Natives]: () => Natives[N] }

function portableCalls(event: Event, surroundings: Surroundings, natives: Makers): PortableCalls {
  switch (event.platform) {
    case 'line':
      return ofLine(event, natives.line, surroundings)
    case 'lineworks':
      return ofLineworks(event, natives.lineworks)
    case 'tocaro':
      return {
        profile: async () => undefined,
        memberIds: () => nobody(),
        conversationInfo: async () => undefined,
        download: () => Promise.reject(noContent(event)),
        leave: () => Promise.reject(cannotLeave(event)),
        ...noCourtesies,
      }
  }
}

const noCourtesies = { showLoading: async () => undefined, markAsRead: async () => undefined }

function ofLine(event: Event, line: () => LineCalls, { call, abort }: Surroundings): PortableCalls {
  const { conversation } = event
  const room = roomOf(conversation)
  return {
    profile: async (userId = event.userId) => {
      if (userId === undefined) return undefined
      const found = await unlessUnknown<Partial<Profile>>(
        room ? line().memberProfile(room, userId) : line().profile(userId),
      )
      if (!found) return undefined
      const { displayName = '', pictureUrl, language, statusMessage } = found
      return { userId, displayName, ...given({ pictureUrl, language, statusMessage }) }
    },
    memberIds: () => (room ? line().memberIds(room) : oneOf(conversation)),
    conversationInfo: () => lineConversation(conversation, line()),
    download: (options = {}) => {
      const { contentId, contentUrl, maxBytes } = { ...sentContent(event), ...options }
      if (contentId !== undefined) return line().content(contentId, { ...options, signal: abort.signal })
      if (contentUrl === undefined) return Promise.reject(noContent(event))
      return elsewhere(call, contentUrl, given({ maxBytes }))
    },
    leave: async () => {
      if (!room) throw cannotLeave(event)
      await line().leave(room)
    },
    showLoading: (seconds = 20) =>
      courtesy(async () => {
        if (conversation.kind === 'user') await line().showLoading(conversation.id, inFives(seconds))
      }),
    markAsRead: () =>
      courtesy(async () => {
        const token = record(record(event.raw)['message'])['markAsReadToken']
        if (typeof token === 'string') await line().markAsRead(token)
      }),
  }
}

function ofLineworks(event: Event, lineworks: () => LineworksCalls): PortableCalls {
  const { conversation } = event
  const { kind, id } = conversation
  return {
    profile: async () => undefined,
    memberIds: () => (kind === 'channel' ? lineworks().roomMembers(id) : oneOf(conversation)),
    conversationInfo: async () => {
      if (kind !== 'channel') return undefined
      const found = await lineworks().room(id)
      return { kind, id, ...given({ name: found.title, type: found.channelType?.type }) }
    },
    download: ({ maxBytes } = {}) => {
      const { contentId } = sentContent(event)
      return contentId === undefined
        ? Promise.reject(noContent(event))
        : lineworks().download(contentId, given({ maxBytes }))
    },
    leave: async () => {
      if (kind !== 'channel') throw cannotLeave(event)
      await lineworks().leaveRoom(id)
    },
    ...noCourtesies,
  }
}

async function lineConversation(
  { kind, id }: Conversation,
  line: LineCalls,
): Promise<ConversationInfo | undefined> {
  if (kind === 'user') {
    const profile = await unlessUnknown(line.profile(id))
    return profile && { kind, id, name: profile.displayName, ...given({ pictureUrl: profile.pictureUrl }) }
  }
  if (kind !== 'group' && kind !== 'room') return undefined
  const summary = kind === 'group' ? await unlessUnknown(line.groupSummary(id)) : undefined
  const memberCount = await unlessUnknown(line.memberCount({ kind, id }))
  return { kind, id, ...given({ name: summary?.groupName, pictureUrl: summary?.pictureUrl, memberCount }) }
}

/** A content that a user's app named: without the token, and from public addresses only. */
function elsewhere(call: ApiCall, url: string, options: DownloadOptions): Promise<Content> {
  const request = { method: 'GET', path: '/(content elsewhere)', url, anonymous: true } as const
  return fetchContent(call, { ...request, ...options })
}

function sentContent(event: Event): { contentId?: string; contentUrl?: string } {
  return 'contentId' in event || 'contentUrl' in event ? given(pick(event)) : {}
}

function pick({ contentId, contentUrl }: { contentId?: string; contentUrl?: string }) {
  return { contentId, contentUrl }
}

function roomOf({ kind, id }: Conversation): LineRoom | undefined {
  return kind === 'group' || kind === 'room' ? { kind, id } : undefined
}

async function* oneOf({ kind, id }: Conversation): AsyncGenerator<string, void, undefined> {
  if (kind === 'user') yield id
}

async function* nobody(): AsyncGenerator<string, void, undefined> {
  // Nothing to ask.
}

/** LINE takes 5 to 60 in steps of 5 [doc R#display-a-loading-indicator]. */
function inFives(seconds: number): number {
  return Math.min(60, Math.max(5, Math.ceil(seconds / 5) * 5))
}

/** What it is for is the user's comfort: that it failed is in the metrics, and no reason to try the event again. */
async function courtesy(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

function noContent({ type, platform }: Event): HooklineError {
  return invalid(
    `A ${type} event of ${platform} has no content to download. Look at ctx.type: image, video, audio or file.`,
  )
}

function cannotLeave({ platform, conversation: { kind } }: Event): HooklineError {
  const why = platform === 'tocaro' ? 'Tocaro has no call for it' : `the conversation is a ${kind}`
  return new HooklineError('no_target', `The bot can't leave: ${why}.`)
}
