import { randomBytes } from 'node:crypto'
import { imageSize } from 'image-size'
import { isRecord, jsonBody, type ApiAnswer, type ApiCall } from './api-call'
import { lineError, lineInvalid } from './line-answers'
import type { LineOperation } from './line-operation'

interface RichMenu {
  menu: Record<string, unknown>
  image?: { bytes: Buffer; type: string }
}

interface Store {
  menus: Map<string, RichMenu>
  /** Alias → rich menu id. */
  aliases: Map<string, string>
  /** User → rich menu id. */
  users: Map<string, string>
  defaultId: string | undefined
}

const base = '/v2/bot/richmenu'
const ok: ApiAnswer = { status: 200, body: {} }

/** The rich menus of a channel, and what a phone does with them. */
export interface LineRichMenus {
  operations: LineOperation[]
  /** What the user sees: the own one before the default one [doc D/using-rich-menus]. */
  shownTo(userId: string): Record<string, unknown> | undefined
  image(richMenuId: string): { bytes: Buffer; type: string } | undefined
  /** A tapped `richmenuswitch`; the answer is `status` of the postback [doc R#postback-params-object-for-richmenu-switch-action]. */
  switchTo(userId: string, alias: string): string
}

/** Rich menus, their images, aliases and whom they are shown to [doc R#rich-menu]. */
export function createLineRichMenus(): LineRichMenus {
  const store: Store = { menus: new Map(), aliases: new Map(), users: new Map(), defaultId: undefined }
  const { menus, aliases, users } = store
  return {
    operations: [...aliasOperations(store), ...menuOperations(store), ...linkOperations(store)],
    shownTo: (userId) => {
      const own = users.get(userId)
      const richMenuId = own !== undefined && menus.has(own) ? own : store.defaultId
      const found = menus.get(richMenuId ?? '')
      return found && { richMenuId, ...found.menu }
    },
    image: (richMenuId) => menus.get(richMenuId)?.image,
    switchTo: (userId, alias) => {
      const richMenuId = aliases.get(alias)
      if (richMenuId === undefined) return 'RICHMENU_ALIAS_ID_NOTFOUND'
      if (!menus.has(richMenuId)) return 'RICHMENU_NOTFOUND'
      users.set(userId, richMenuId)
      return 'SUCCESS'
    },
  }
}

function operation(
  method: LineOperation['method'],
  path: string,
  handle: (call: ApiCall) => ApiAnswer,
): LineOperation {
  return { name: 'richmenu', method, path, handle }
}

function menuOperations(store: Store): LineOperation[] {
  return [
    operation('post', base, (call) => create(call, store)),
    operation('post', `${base}/validate`, (call) => refusedMenu(jsonBody(call)) ?? ok),
    operation('get', `${base}/list`, () => ({
      status: 200,
      body: { richmenus: [...store.menus].map(([richMenuId, { menu }]) => ({ richMenuId, ...menu })) },
    })),
    {
      ...operation('post', `${base}/:id/content`, (call) => putImage(call, store)),
      bodyType: /^image\/(png|jpeg)$/i,
    },
    operation('get', `${base}/:id/content`, (call) => getImage(call, store)),
  ]
}

function create(call: ApiCall, store: Store): ApiAnswer {
  const menu = jsonBody(call)
  const refused = refusedMenu(menu)
  if (refused) return refused
  const richMenuId = `richmenu-${randomBytes(16).toString('hex')}`
  store.menus.set(richMenuId, { menu: menu ?? {} })
  return { status: 200, body: { richMenuId } }
}

/** The documented limits; the words of a refusal are ours. */
function refusedMenu(menu: Record<string, unknown> | undefined): ApiAnswer | undefined {
  const { size, selected, name, chatBarText, areas } = menu ?? {}
  const rules: [property: string, holds: boolean][] = [
    ['size', isRecord(size) && fits(Number(size.width), Number(size.height))],
    ['selected', typeof selected === 'boolean'],
    ['name', isText(name, 300)],
    ['chatBarText', isText(chatBarText, 14)],
    ['areas', Array.isArray(areas) && areas.length <= 20 && areas.every(isArea)],
  ]
  const details = rules.filter(([, holds]) => !holds).map(([property]) => ({ message: 'invalid', property }))
  return details.length > 0 ? lineInvalid(details) : undefined
}

function fits(width: number, height: number): boolean {
  return width >= 800 && width <= 2500 && height >= 250 && width / height >= 1.45
}

function isText(value: unknown, most: number): boolean {
  if (typeof value !== 'string') return false
  return value !== '' && [...new Intl.Segmenter().segment(value)].length <= most
}

function isArea(area: unknown): boolean {
  return (
    isRecord(area) && isRecord(area.bounds) && isRecord(area.action) && typeof area.action.type === 'string'
  )
}

function putImage(call: ApiCall, { menus }: Store): ApiAnswer {
  const found = menus.get(call.params.id ?? '')
  if (!found) return lineError(404, 'Not found')
  if (found.image) return lineError(400, 'An image has already been uploaded to the richmenu')
  const { width, height } = imageSize(call.body)
  const size = found.menu.size as { width: number; height: number }
  if (call.body.length > 1_000_000 || width !== size.width || height !== size.height)
    return lineError(400, 'The image does not fit the rich menu')
  found.image = { bytes: call.body, type: call.header('content-type') ?? '' }
  return ok
}

function getImage(call: ApiCall, { menus }: Store): ApiAnswer {
  const image = menus.get(call.params.id ?? '')?.image
  if (!image) return lineError(404, 'Not found')
  return { status: 200, headers: { 'content-type': image.type }, body: image.bytes.toString('latin1') }
}

function aliasOperations(store: Store): LineOperation[] {
  const { aliases, menus } = store
  const pointTo = (alias: string, id: unknown): ApiAnswer => {
    if (typeof id !== 'string' || !menus.has(id)) return lineError(400, 'richmenu not found')
    aliases.set(alias, id)
    return ok
  }
  return [
    operation('post', `${base}/alias`, (call) => {
      const { richMenuAliasId, richMenuId } = jsonBody(call) ?? {}
      if (!/^[a-z0-9_-]{1,32}$/.test(String(richMenuAliasId)))
        return lineInvalid([{ message: 'invalid', property: 'richMenuAliasId' }])
      if (aliases.has(String(richMenuAliasId))) return lineError(400, 'conflict richmenu alias id')
      return pointTo(String(richMenuAliasId), richMenuId)
    }),
    operation('get', `${base}/alias/list`, () => ({
      status: 200,
      body: {
        aliases: [...aliases].map(([richMenuAliasId, richMenuId]) => ({ richMenuAliasId, richMenuId })),
      },
    })),
    operation('post', `${base}/alias/:alias`, (call) => {
      const { alias = '' } = call.params
      return aliases.has(alias) ? pointTo(alias, jsonBody(call)?.richMenuId) : lineError(404, 'Not found')
    }),
    operation('delete', `${base}/alias/:alias`, (call) =>
      aliases.delete(call.params.alias ?? '') ? ok : lineError(404, 'Not found'),
    ),
    operation('delete', `${base}/:id`, (call) => {
      const { id = '' } = call.params
      if (!menus.delete(id)) return lineError(404, 'Not found')
      if (store.defaultId === id) store.defaultId = undefined
      return ok
    }),
  ]
}

function linkOperations(store: Store): LineOperation[] {
  const shown = (richMenuId: string | undefined): ApiAnswer =>
    richMenuId === undefined
      ? lineError(404, 'the user has no richmenu')
      : { status: 200, body: { richMenuId } }
  const ready = (call: ApiCall): ApiAnswer | undefined => {
    const found = store.menus.get(call.params.id ?? '')
    if (!found) return lineError(404, 'richmenu not found')
    return found.image ? undefined : lineError(400, 'must upload richmenu image before applying it to user')
  }
  return [
    operation('get', '/v2/bot/user/all/richmenu', () => shown(store.defaultId)),
    operation('delete', '/v2/bot/user/all/richmenu', () => {
      store.defaultId = undefined
      return ok
    }),
    operation('post', '/v2/bot/user/all/richmenu/:id', (call) => {
      const refused = ready(call)
      if (!refused) store.defaultId = call.params.id
      return refused ?? ok
    }),
    operation('get', '/v2/bot/user/:userId/richmenu', (call) =>
      shown(store.users.get(call.params.userId ?? '')),
    ),
    operation('delete', '/v2/bot/user/:userId/richmenu', (call) => {
      store.users.delete(call.params.userId ?? '')
      return ok
    }),
    operation('post', '/v2/bot/user/:userId/richmenu/:id', (call) => {
      const refused = ready(call)
      if (!refused) store.users.set(call.params.userId ?? '', call.params.id ?? '')
      return refused ?? ok
    }),
  ]
}
