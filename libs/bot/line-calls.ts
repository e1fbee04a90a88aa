/**
 * `ctx.line`: the calls of LINE. Everything is exported by `hookline`.
 *
 * @module line-calls
 */

import type { messagingApi } from '@line/bot-sdk'
import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, type ApiCall, type ApiRequest, unlessUnknown } from '#libs/contract'
import {
  type Content,
  type DownloadOptions,
  bodyOf,
  contentOf,
  given,
  invalid,
  paged,
  rendered,
} from './calls-support'
import type { Said } from './context'

/** A LINE group or room. */
export interface LineRoom {
  kind: 'group' | 'room'
  id: string
}

type LineSaid = Said<'line'> | readonly Said<'line'>[]

export interface LineSendOptions {
  /** No sound and no notification on the users' phones. */
  notificationDisabled?: boolean
  /** One name for the statistics, at most 30 of `A-Za-z0-9_`. Push and multicast only. */
  customAggregationUnits?: string[]
}

/** Whom a narrowcast reaches; everybody without it. */
export interface NarrowcastOptions extends Pick<LineSendOptions, 'notificationDisabled'> {
  recipient?: messagingApi.Recipient
  filter?: { demographic: messagingApi.DemographicFilter }
  limit?: { max?: number; upToRemainingQuota?: boolean; forbidPartialDelivery?: boolean }
}

type SendKind = 'reply' | 'push' | 'multicast' | 'narrowcast' | 'broadcast'

export interface LineContentOptions extends DownloadOptions {
  /** How long to wait for a video or an audio that LINE still prepares: milliseconds. Default 20 s. */
  waitMs?: number
  signal?: AbortSignal
}

export type LineCalls = ReturnType<typeof createLineCalls>

/** LINE takes so many recipients in one multicast [doc R#send-multicast-message]. */
const recipientsAtOnce = 500

/**
 * Calls of LINE's Messaging API, in handlers `ctx.line`. What sends messages is billed, and carries a retry key where LINE
 * knows one: a handler that runs again for its event does not send twice. Rejects with `ApiError`, and with
 * `message_invalid` before the call where the platform can't take it.
 */
export function createLineCalls(call: ApiCall) {
  return { ...senders(call), ...numbers(call), ...people(call), ...contents(call), ...settings(call) }
}

function senders(call: ApiCall) {
  const send = (kind: SendKind, body: object) =>
    call({ method: 'POST', path: `/v2/bot/message/${kind}`, body, retryKey: true })
  return {
    /** To one user, group or room, as `ctx.push`, with LINE's options [doc R#send-push-message]. */
    push: async (to: string, messages: LineSaid, options: LineSendOptions = {}) => {
      const body = { to, messages: lineMessages(messages, 'group'), ...given(options) }
      return (await send('push', body)).body as messagingApi.PushMessageResponse
    },
    /** To many users, in calls of 500; stops at the first that LINE refuses [doc R#send-multicast-message]. */
    multicast: async (
      to: readonly string[],
      messages: LineSaid,
      options: LineSendOptions = {},
    ): Promise<void> => {
      const rest = { messages: lineMessages(messages, 'user'), ...given(options) }
      if (to.length === 0) throw invalid('A multicast needs at least one user id in "to".')
      for (let i = 0; i < to.length; i += recipientsAtOnce) {
        await send('multicast', { to: to.slice(i, i + recipientsAtOnce), ...rest })
      }
    },
    /** To all friends of the account. 60 an hour [doc R#send-broadcast-message]. */
    broadcast: async (
      messages: LineSaid,
      options: Pick<LineSendOptions, 'notificationDisabled'> = {},
    ): Promise<void> => {
      await send('broadcast', { messages: lineMessages(messages, 'user'), ...given(options) })
    },
    /** To friends by audience or attributes; LINE sends later. 60 an hour [doc R#send-narrowcast-message]. */
    narrowcast: async (
      messages: LineSaid,
      options: NarrowcastOptions = {},
    ): Promise<{ requestId: string }> => {
      const body = { messages: lineMessages(messages, 'user'), ...given(options) }
      const { headers } = await send('narrowcast', body)
      // A 409 says in another header which request was taken.
      return { requestId: headers['x-line-accepted-request-id'] ?? headers['x-line-request-id'] ?? '' }
    },
    /** How far a narrowcast is; for 14 days. */
    narrowcastProgress: (requestId: string) =>
      bodyOf<messagingApi.NarrowcastProgressResponse>(call, {
        ...{ method: 'GET', path: '/v2/bot/message/progress/narrowcast', query: { requestId } },
      }),
    /** Asks LINE whether it would take these messages; rejects with its words where not. Sends nothing. */
    validate: async (kind: SendKind, messages: LineSaid): Promise<void> => {
      const body = { messages: lineMessages(messages, 'group') }
      await call({ method: 'POST', path: `/v2/bot/message/validate/${kind}`, body })
    },
  }
}

function numbers(call: ApiCall) {
  const get = <Body>(path: string, query = {}) => bodyOf<Body>(call, { method: 'GET', path, query })
  return {
    /** The month's messages: `value` where they are limited [doc R#get-quota]. */
    quota: () => get<messagingApi.MessageQuotaResponse>('/v2/bot/message/quota'),
    /** Messages of this month that count, approximately [doc R#get-consumption]. */
    quotaConsumption: () => get<messagingApi.QuotaConsumptionResponse>('/v2/bot/message/quota/consumption'),
    /** Messages that were sent on a day of Japan's time, `20261001`. 60 questions an hour. */
    deliveries: (kind: 'reply' | 'push' | 'multicast' | 'broadcast' | 'pnp', date: string) =>
      get<messagingApi.NumberOfMessagesResponse>(`/v2/bot/message/delivery/${kind}`, { date }),
  }
}

function people(call: ApiCall) {
  const get = <Body>(path: string, params: Record<string, string>, query: ApiRequest['query'] = {}) =>
    bodyOf<Body>(call, { method: 'GET', path, params, query })
  const change = async (method: 'POST' | 'DELETE', path: string, params: Record<string, string>) => {
    await call({ method, path, params })
  }
  const richMenu = '/v2/bot/user/{userId}/richmenu'
  return {
    /** Rejects with status 404 for a user that LINE does not show to the bot [doc R#get-profile]. */
    profile: (userId: string) =>
      get<messagingApi.UserProfileResponse>('/v2/bot/profile/{userId}', { userId }),
    /** Of a member, who need not be a friend of the bot. */
    memberProfile: ({ kind, id }: LineRoom, userId: string) =>
      get<messagingApi.GroupUserProfileResponse>(`/v2/bot/${kind}/{${kind}Id}/member/{userId}`, {
        ...{ [`${kind}Id`]: id, userId },
      }),
    /** All friends' ids. Verified and premium accounts only [doc R#get-follower-ids]. */
    followers: () =>
      paged<string>(async (start) => {
        const query = { limit: 1000, start }
        const page = await get<messagingApi.GetFollowersResponse>('/v2/bot/followers/ids', {}, query)
        return { items: page.userIds, next: page.next }
      }),
    /** Name and picture of a group; rooms have none. */
    groupSummary: (groupId: string) =>
      get<messagingApi.GroupSummaryResponse>('/v2/bot/group/{groupId}/summary', { groupId }),
    /** Without the bot. */
    memberCount: async ({ kind, id }: LineRoom): Promise<number> =>
      (await get<{ count: number }>(`/v2/bot/${kind}/{${kind}Id}/members/count`, { [`${kind}Id`]: id }))
        .count,
    /** Members' ids. Verified and premium accounts only. */
    memberIds: ({ kind, id }: LineRoom) =>
      paged<string>(async (start) => {
        const page = await get<messagingApi.MembersIdsResponse>(
          ...([`/v2/bot/${kind}/{${kind}Id}/members/ids`, { [`${kind}Id`]: id }, { start }] as const),
        )
        return { items: page.memberIds, next: page.next }
      }),
    leave: ({ kind, id }: LineRoom) =>
      change('POST', `/v2/bot/${kind}/{${kind}Id}/leave`, { [`${kind}Id`]: id }),
    /** For account linking; good for ten minutes, once [doc R#issue-link-token]. */
    linkToken: async (userId: string): Promise<string> => {
      const request = { method: 'POST', path: '/v2/bot/user/{userId}/linkToken', params: { userId } } as const
      return (await bodyOf<{ linkToken: string }>(call, request)).linkToken
    },
    linkRichMenu: (userId: string, richMenuId: string) =>
      change('POST', `${richMenu}/{richMenuId}`, { userId, richMenuId }),
    unlinkRichMenu: (userId: string) => change('DELETE', richMenu, { userId }),
    /** The rich menu that was linked to the user by the API; undefined where there is none. */
    richMenuOf: async (userId: string): Promise<string | undefined> =>
      (await unlessUnknown(get<{ richMenuId: string }>(richMenu, { userId })))?.richMenuId,
  }
}

function contents(call: ApiCall) {
  const request = (messageId: string, what = ''): ApiRequest => ({
    ...{
      method: 'GET',
      host: 'data',
      path: `/v2/bot/message/{messageId}/content${what}`,
      params: { messageId },
    },
  })
  const transcoding = async (messageId: string): Promise<'processing' | 'succeeded' | 'failed'> =>
    (
      await bodyOf<{ status: 'processing' | 'succeeded' | 'failed' }>(
        call,
        request(messageId, '/transcoding'),
      )
    ).status

  const whenReady = async (
    asked: ApiRequest,
    { waitMs = 20_000, signal, maxBytes }: LineContentOptions,
    failed: () => Promise<boolean>,
  ): Promise<Content> => {
    const until = performance.now() + waitMs
    for (let ms = 250; ; ms = Math.min(ms * 2, 4000)) {
      const response = await call({ ...asked, as: 'stream', ...given({ maxBytes }) })
      const content = contentOf(response)
      if (response.status !== 202) return content
      content.stream().destroy()
      if (await failed())
        throw notPrepared('LINE could not prepare the content: its transcoding failed.', 'api_rejected')
      if (performance.now() + ms > until)
        throw notPrepared(`LINE still prepares the content after ${waitMs} ms.`)
      await pause(ms, undefined, signal ? { signal } : {})
    }
  }
  return {
    /**
     * What a user sent: image, video, audio or file. Waits while LINE prepares it. Rejects with `api_rejected`, status 410,
     * where the user took it back, 404 where LINE has deleted it [doc R#get-content].
     */
    content: (messageId: string, options: LineContentOptions = {}): Promise<Content> =>
      whenReady(request(messageId), options, async () => (await transcoding(messageId)) === 'failed'),
    /** A smaller picture of an image or a video. */
    preview: (messageId: string, options: LineContentOptions = {}): Promise<Content> =>
      whenReady(request(messageId, '/preview'), options, async () => false),
    /** Whether LINE has prepared a video or an audio. */
    transcoding,
  }
}

function settings(call: ApiCall) {
  const path = '/v2/bot/channel/webhook/endpoint'
  return {
    botInfo: () => bodyOf<messagingApi.BotInfoResponse>(call, { method: 'GET', path: '/v2/bot/info' }),
    /** 5 to 60 seconds in steps of 5; users only. It goes away with the next message. */
    showLoading: async (chatId: string, loadingSeconds = 20): Promise<void> => {
      await call({ method: 'POST', path: '/v2/bot/chat/loading/start', body: { chatId, loadingSeconds } })
    },
    /** Everything up to the message that the token came with. */
    markAsRead: async (markAsReadToken: string): Promise<void> => {
      await call({ method: 'POST', path: '/v2/bot/chat/markAsRead', body: { markAsReadToken } })
    },
    /** Undefined where none is set. */
    webhookEndpoint: () =>
      unlessUnknown(bodyOf<messagingApi.GetWebhookEndpointResponse>(call, { method: 'GET', path })),
    /** https, at most 500 characters; takes up to a minute to apply. */
    setWebhookEndpoint: async (endpoint: string): Promise<void> => {
      await call({ method: 'PUT', path, body: { endpoint } })
    },
    /** Has LINE call the endpoint (the one that is set without `endpoint`). 60 an hour. */
    testWebhookEndpoint: (endpoint?: string) =>
      bodyOf<messagingApi.TestWebhookEndpointResponse>(call, {
        ...{ method: 'POST', path: '/v2/bot/channel/webhook/test', body: given({ endpoint }) },
      }),
  }
}

/** Messages of one call: one to five [doc R#send-push-message]. */
function lineMessages(said: LineSaid, kind: 'user' | 'group') {
  const messages = rendered(said, { platform: 'line', kind })
  if (messages.length >= 1 && messages.length <= 5) return messages
  throw invalid(`LINE takes 1 to 5 messages in one call, not ${messages.length}.`)
}

function notPrepared(what: string, code: 'api_unavailable' | 'api_rejected' = 'api_unavailable'): ApiError {
  return new ApiError(code, what, { status: 202 })
}
