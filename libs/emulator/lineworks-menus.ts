import { randomUUID } from 'node:crypto'
import { isRecord, jsonBody, type ApiAnswer, type ApiCall, type ApiOperation } from './api-call'

interface RichMenu {
  menu: Record<string, unknown>
  fileId?: string
}

interface Store {
  menus: Map<string, RichMenu>
  /** User → rich menu id. */
  users: Map<string, string>
  defaultId: string | undefined
  persistent: unknown
}

interface MenuOperation extends ApiOperation {
  scopes: string[]
}

const scopes = ['bot', 'bot.message']
const base = '/v1.0/bots/:botId'

/** The menus of a bot, and what a phone shows of them. */
export interface LineworksMenus {
  operations: MenuOperation[]
  /** The user's rich menu, else the default one, else the persistent menu; `fileId` is the picture of a rich menu. */
  shownTo(userId: string): { menu: Record<string, unknown>; fileId?: string } | undefined
}

/** Persistent and rich menus [doc bot-menu, bot-richmenu-create; paths and statuses seen in client code]. */
export function createLineworksMenus(): LineworksMenus {
  const store: Store = { menus: new Map(), users: new Map(), defaultId: undefined, persistent: undefined }
  const { menus, users } = store
  return {
    operations: [...persistentOperations(store), ...linkOperations(store), ...richMenuOperations(store)],
    shownTo: (userId) => {
      const found = menus.get(users.get(userId) ?? '') ?? menus.get(store.defaultId ?? '')
      if (found) return found
      return isRecord(store.persistent) ? { menu: store.persistent } : undefined
    },
  }
}

function operation(
  method: MenuOperation['method'],
  path: string,
  handle: (call: ApiCall) => ApiAnswer,
): MenuOperation {
  return {
    name: path.startsWith('/persistent') ? 'persistentmenu' : 'richmenus',
    method,
    path: base + path,
    scopes,
    handle,
  }
}

function persistentOperations(store: Store): MenuOperation[] {
  return [
    operation('get', '/persistentmenu', () =>
      store.persistent === undefined ? notFound() : { status: 200, body: { content: store.persistent } },
    ),
    operation('post', '/persistentmenu', (call) => {
      const content = jsonBody(call)?.content
      // A persistent menu cannot be added while any rich menu exists [doc bot-menu]; the code is [assumed].
      if (store.menus.size > 0) return refused(409, 'CONFLICT', 'A rich menu exists')
      if (!isPersistent(content)) return refused(400, 'INVALID_PARAMETER', 'content.actions is invalid')
      store.persistent = content
      return { status: 201, body: { content } }
    }),
    operation('delete', '/persistentmenu', () => {
      store.persistent = undefined
      return { status: 204 }
    }),
  ]
}

/** One to four of message, uri, copy [doc bot-menu]. */
function isPersistent(content: unknown): boolean {
  if (!isRecord(content) || !Array.isArray(content.actions)) return false
  const { actions } = content
  const allowed = ['message', 'uri', 'copy']
  return (
    actions.length >= 1 &&
    actions.length <= 4 &&
    actions.every((action) => isRecord(action) && allowed.includes(String(action.type)))
  )
}

function richMenuOperations(store: Store): MenuOperation[] {
  const { menus } = store
  return [
    operation('get', '/richmenus', () => ({
      status: 200,
      body: {
        richmenus: [...menus].map(([richmenuId, { menu }]) => ({ richmenuId, ...menu })),
        responseMetaData: { nextCursor: '' },
      },
    })),
    operation('post', '/richmenus', (call) => {
      const menu = jsonBody(call)
      if (!isMenu(menu)) return refused(400, 'INVALID_PARAMETER', 'The rich menu is invalid')
      const richmenuId = `emulated-${randomUUID()}`
      menus.set(richmenuId, { menu })
      // Registering a rich menu deletes the persistent one [doc bot-menu].
      store.persistent = undefined
      return { status: 201, body: { richmenuId, ...menu } }
    }),
    operation('get', '/richmenus/:id', (call) =>
      withMenu(call, store, (menu) => ({ status: 200, body: menu.menu })),
    ),
    operation('delete', '/richmenus/:id', (call) => {
      if (!menus.delete(call.params.id ?? '')) return notFound()
      if (store.defaultId === call.params.id) store.defaultId = undefined
      return { status: 204 }
    }),
    operation('post', '/richmenus/:id/image', (call) =>
      withMenu(call, store, (menu) => {
        const fileId = jsonBody(call)?.fileId
        if (typeof fileId !== 'string') return refused(400, 'MISSING_PARAMETER', 'fileId is missing')
        menu.fileId = fileId
        return { status: 204 }
      }),
    ),
    operation('get', '/richmenus/:id/image', (call) =>
      withMenu(call, store, ({ fileId }) =>
        fileId === undefined ? notFound() : { status: 200, body: { fileId, i18nFileIds: [] } },
      ),
    ),
  ]
}

function isMenu(menu: Record<string, unknown> | undefined): menu is Record<string, unknown> {
  const { richmenuName, size, areas } = menu ?? {}
  if (typeof richmenuName !== 'string' || richmenuName === '' || richmenuName.length > 300) return false
  if (!isRecord(size) || size.width !== 2500 || (size.height !== 1686 && size.height !== 843)) return false
  return Array.isArray(areas) && areas.length >= 1 && areas.length <= 20
}

function withMenu(call: ApiCall, { menus }: Store, then: (menu: RichMenu) => ApiAnswer): ApiAnswer {
  const menu = menus.get(call.params.id ?? '')
  return menu ? then(menu) : notFound()
}

// They go before `/richmenus/:id`, which would take `default` and `users` for ids.
function linkOperations(store: Store): MenuOperation[] {
  const ready = (id: string | undefined) => store.menus.get(id ?? '')?.fileId !== undefined
  return [
    operation('get', '/richmenus/default', () =>
      store.defaultId === undefined
        ? notFound()
        : { status: 200, body: { defaultRichmenuId: store.defaultId } },
    ),
    operation('delete', '/richmenus/default', () => {
      store.defaultId = undefined
      return { status: 204 }
    }),
    operation('post', '/richmenus/:id/set-default', (call) => {
      if (!ready(call.params.id)) return refused(400, 'INVALID_PARAMETER', 'The rich menu has no image')
      store.defaultId = call.params.id
      return { status: 201, body: { defaultRichmenuId: store.defaultId } }
    }),
    operation('get', '/richmenus/users/:userId', (call) => {
      const richmenuId = store.users.get(call.params.userId ?? '')
      return richmenuId === undefined ? notFound() : { status: 200, body: { richmenuId } }
    }),
    operation('delete', '/richmenus/users/:userId', (call) => {
      store.users.delete(call.params.userId ?? '')
      return { status: 204 }
    }),
    operation('post', '/richmenus/:id/users/:userId', (call) => {
      if (!ready(call.params.id)) return notFound()
      store.users.set(call.params.userId ?? '', call.params.id ?? '')
      return { status: 201 }
    }),
  ]
}

function notFound(): ApiAnswer {
  return refused(404, 'NOT_FOUND', 'The resource does not exist')
}

function refused(status: number, code: string, description: string): ApiAnswer {
  return { status, body: { code, description } }
}
