/**
 * `ctx.lineworks`: the calls of LINE WORKS. Everything is exported by `hookline`.
 *
 * @module lineworks-calls
 */

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type ApiCall, type ApiRequest, type Target, unlessUnknown } from '#libs/contract'
import {
  type Content,
  type DownloadOptions,
  bodyOf,
  fetchContent,
  given,
  invalid,
  paged,
  record,
} from './calls-support'

/** A talk room [seen S2, S4]. */
export interface LineworksRoom {
  channelId: string
  title?: string
  domainId?: number
  channelType?: {
    type: 'SINGLE_USER' | 'MULTI_USERS' | 'ORGUNIT' | 'GROUP'
    orgUnitId?: string
    groupId?: string
  }
}

/** What a bot is registered with [seen S2, S6]. `botName`, `photoUrl`, `description` and `administrators` are needed. */
export interface LineworksBotFields {
  /** At most 100 characters. */
  botName: string
  /** https, at most 1,000 characters. */
  photoUrl: string
  /** At most 100 characters. */
  description: string
  /** 1 to 3 user ids. */
  administrators: string[]
  subadministrators?: string[]
  allowDomains?: number[]
  enableCallback?: boolean
  callbackUrl?: string
  callbackEvents?: ('text' | 'location' | 'sticker' | 'image' | 'file' | 'audio' | 'video')[]
  channelEvents?: ('message' | 'postback' | 'join' | 'leave' | 'joined' | 'left' | 'begin' | 'end')[]
  enableGroupJoin?: boolean
}

export type LineworksBot = Partial<LineworksBotFields> & { botId: number | string } & Record<string, unknown>

export interface UploadOptions {
  /** Default `application/octet-stream`. */
  contentType?: string
}

export type LineworksCalls = ReturnType<typeof createLineworksCalls>

/** Entries of one page, the most that the platform gives [seen S2]. */
const count = 100

/**
 * Calls of the LINE WORKS Bot API, in handlers `ctx.lineworks`. `botId` is this bot's where none is given. Rejects with
 * `ApiError`. Nothing here has a retry key: a handler that runs again makes its calls again; `ctx.once` keeps them from it.
 */
export function createLineworksCalls(call: ApiCall) {
  return { ...rooms(call), ...bots(call), ...attachments(call), ...menus(call) }
}

function rooms(call: ApiCall) {
  const path = '/bots/{botId}/channels/{channelId}'
  return {
    /** 1 to 100 members; ten rooms a minute [doc rate-limits@en]. */
    createRoom: (room: { members: string[]; title?: string }) =>
      bodyOf<LineworksRoom>(call, { method: 'POST', path: '/bots/{botId}/channels', body: room }),
    room: (channelId: string) => bodyOf<LineworksRoom>(call, { method: 'GET', path, params: { channelId } }),
    /** User ids of a room's members. */
    roomMembers: (channelId: string) =>
      pages<string>(call, { path: `${path}/members`, params: { channelId }, field: 'members' }),
    /** The bot leaves the room. */
    leaveRoom: (channelId: string) => done(call, { method: 'DELETE', path, params: { channelId } }),
  }
}

function bots(call: ApiCall) {
  const path = '/bots/{botId}'
  const domain = `${path}/domains/{domainId}`
  const of = (botId: string | number | undefined, domainId?: string | number) => ({
    params: {
      ...(botId === undefined ? {} : { botId: String(botId) }),
      ...(domainId === undefined ? {} : { domainId: String(domainId) }),
    },
  })
  type DomainOptions = { visible?: boolean; allowToSelectedMember?: boolean }
  return {
    /** 300 bots per tenant; a new bot must be added to a domain before it can be used [doc bot-create@en]. */
    createBot: (bot: LineworksBotFields) =>
      bodyOf<LineworksBot>(call, { method: 'POST', path: '/bots', body: bot }),
    bots: () => pages<LineworksBot>(call, { path: '/bots', field: 'bots' }),
    bot: (botId?: string | number) => bodyOf<LineworksBot>(call, { method: 'GET', path, ...of(botId) }),
    /** Replaces all fields. */
    updateBot: (bot: LineworksBotFields, botId?: string | number) =>
      bodyOf<LineworksBot>(call, { method: 'PUT', path, body: bot, ...of(botId) }),
    /** Changes some fields. */
    patchBot: (bot: Partial<LineworksBotFields>, botId?: string | number) =>
      bodyOf<LineworksBot>(call, { method: 'PATCH', path, body: bot, ...of(botId) }),
    /** The id must be given: nobody deletes the bot that runs by mistake. */
    deleteBot: (botId: string | number) => done(call, { method: 'DELETE', path, ...of(botId) }),
    /** The old secret may stop working at once: put the new one beside it into botSecret. */
    reissueSecret: async (botId?: string | number): Promise<string> => {
      const request = { method: 'POST', path: `${path}/secret`, ...of(botId) } as const
      return (await bodyOf<{ botSecret: string }>(call, request)).botSecret
    },
    /** Lets a domain use the bot. */
    addToDomain: (domainId: string | number, options: DomainOptions = {}, botId?: string | number) =>
      done(call, { method: 'POST', path: domain, body: options, ...of(botId, domainId) }),
    updateDomain: (domainId: string | number, options: DomainOptions, botId?: string | number) =>
      done(call, { method: 'PUT', path: domain, body: options, ...of(botId, domainId) }),
    removeFromDomain: (domainId: string | number, botId?: string | number) =>
      done(call, { method: 'DELETE', path: domain, ...of(botId, domainId) }),
    domains: (botId?: string | number) =>
      pages<Record<string, unknown>>(call, { path: `${path}/domains`, field: 'domains', ...of(botId) }),
    /** User ids that may use the bot, where it is for selected members. */
    domainMembers: (domainId: string | number, botId?: string | number) =>
      pages<string>(call, { path: `${domain}/members`, field: 'members', ...of(botId, domainId) }),
  }
}

function attachments(call: ApiCall) {
  const path = '/bots/{botId}/attachments'
  const upload = async (
    fileName: string,
    data: Uint8Array | Readable,
    { contentType = 'application/octet-stream' }: UploadOptions = {},
  ): Promise<string> => {
    if (fileName === '') throw invalid('An upload needs a file name.')
    const bytes = data instanceof Uint8Array ? data : await buffer(data)
    // Asked for last: the address is good for one upload.
    const { fileId, uploadUrl } = await bodyOf<{ fileId: string; uploadUrl: string }>(call, {
      ...{ method: 'POST', path, body: { fileName } },
    })
    const form = new FormData()
    form.append('resourceName', fileName)
    form.append('FileData', new Blob([new Uint8Array(bytes)], { type: contentType }), fileName)
    const answer = await call({ method: 'POST', path: '/attachments/upload', url: uploadUrl, body: form })
    const told = record(answer.body)['fileId']
    return typeof told === 'string' ? told : fileId
  }
  return {
    /**
     * Uploads a file; its id can be sent for 24 hours. A stream is read into memory first. How large a file may be is a
     * setting of the tenant; 1 MB for media in messages other than image and file [doc bot-attachment-create@en].
     */
    upload,
    /** Uploads a file and sends it. */
    sendFile: async (to: Target, fileName: string, data: Uint8Array | Readable, options?: UploadOptions) => {
      const collection = to.kind === 'user' ? 'users' : 'channels'
      const fileId = await upload(fileName, data, options)
      const name = to.kind === 'user' ? 'userId' : 'channelId'
      await call({
        method: 'POST',
        path: `/bots/{botId}/${collection}/{${name}}/messages`,
        params: { [name]: to.id },
        body: { content: { type: 'file', fileId } },
      })
    },
    /** What a user sent, by its `fileId`. Follows the redirect to the storage with the token [doc bot-api@kr]. */
    download: (fileId: string, options: DownloadOptions = {}): Promise<Content> =>
      fetchContent(call, { method: 'GET', path: `${path}/{fileId}`, params: { fileId }, ...options }),
  }
}

/** Thin: the menus' own objects go through as they are. */
function menus(call: ApiCall) {
  const persistent = '/bots/{botId}/persistentmenu'
  const rich = '/bots/{botId}/richmenus'
  const one = `${rich}/{richmenuId}`
  type Fields = Record<string, unknown>
  return {
    /** Undefined where there is none. */
    persistentMenu: () =>
      unlessUnknown(bodyOf<{ content: Fields }>(call, { method: 'GET', path: persistent })),
    /** One to four actions; replaces the one that is there. Not while a rich menu exists [doc bot-menu]. */
    setPersistentMenu: (actions: Fields[]) =>
      done(call, { method: 'POST', path: persistent, body: { content: { actions } } }),
    deletePersistentMenu: () => unlessUnknown(done(call, { method: 'DELETE', path: persistent })),
    createRichMenu: (menu: Fields) =>
      bodyOf<{ richmenuId: string } & Fields>(call, { method: 'POST', path: rich, body: menu }),
    richMenus: () => pages<{ richmenuId: string } & Fields>(call, { path: rich, field: 'richmenus' }),
    richMenu: (richmenuId: string) =>
      unlessUnknown(bodyOf<Fields>(call, { method: 'GET', path: one, params: { richmenuId } })),
    deleteRichMenu: (richmenuId: string) =>
      done(call, { method: 'DELETE', path: one, params: { richmenuId } }),
    /** An uploaded picture: PNG or JPEG, 2500 by 1686 or 843, at most 1 MB. */
    setRichMenuImage: (richmenuId: string, fileId: string) =>
      done(call, { method: 'POST', path: `${one}/image`, params: { richmenuId }, body: { fileId } }),
    setDefaultRichMenu: (richmenuId: string) =>
      done(call, { method: 'POST', path: `${one}/set-default`, params: { richmenuId } }),
    defaultRichMenu: () =>
      unlessUnknown(bodyOf<{ defaultRichmenuId: string }>(call, { method: 'GET', path: `${rich}/default` })),
    clearDefaultRichMenu: () => unlessUnknown(done(call, { method: 'DELETE', path: `${rich}/default` })),
    linkRichMenu: (richmenuId: string, userId: string) =>
      done(call, { method: 'POST', path: `${one}/users/{userId}`, params: { richmenuId, userId } }),
    richMenuOf: (userId: string) =>
      unlessUnknown(
        bodyOf<Fields>(call, { method: 'GET', path: `${rich}/users/{userId}`, params: { userId } }),
      ),
    unlinkRichMenu: (userId: string) =>
      unlessUnknown(done(call, { method: 'DELETE', path: `${rich}/users/{userId}`, params: { userId } })),
  }
}

/** An answer whose body says nothing. */
async function done(call: ApiCall, request: ApiRequest): Promise<void> {
  await call(request)
}

function pages<T>(
  call: ApiCall,
  { field, ...request }: Pick<ApiRequest, 'path' | 'params'> & { field: string },
): AsyncGenerator<T, void, undefined> {
  return paged<T>(async (cursor) => {
    const body = record(
      await bodyOf(call, { ...request, method: 'GET', query: { count, ...given({ cursor }) } }),
    )
    const items = body[field]
    const next = record(body['responseMetaData'])['nextCursor']
    return {
      items: Array.isArray(items) ? (items as T[]) : [],
      next: typeof next === 'string' ? next : undefined,
    }
  })
}
