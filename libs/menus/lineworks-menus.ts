import { unlessUnknown } from '#libs/contract'
import { checkLineworksAction } from '#libs/messages'
import { markOf, readMark } from './mark'
import {
  type GivenMenus,
  type LineworksMenuFile,
  type MenuAction,
  type MenuImage,
  checkBounds,
  invalid,
  readImage,
} from './menu-file'
import { type Call, type Plan, type Step, differences, isSame } from './steps'

type GivenMenu = NonNullable<LineworksMenuFile['richMenus']>[string]

/** What the platform stores of a rich menu. */
interface RichMenu {
  richmenuId: string
  richmenuName: string
  size: object
  areas: object[]
}

interface Wanted {
  name: string
  image: MenuImage
  /** The body that creates it. */
  menu: Omit<RichMenu, 'richmenuId'>
  isDefault: boolean
}

interface Found {
  menus: RichMenu[]
  defaultId: string | undefined
  persistent: MenuAction[] | undefined
}

/** What LINE WORKS' calls need beside the calls themselves. */
export interface LineworksWay {
  call: Call
  /** Uploads a file; resolves with its `fileId`. */
  upload: (fileName: string, bytes: Buffer) => Promise<string>
}

const base = '/bots/{botId}'
const richMenus = `${base}/richmenus`
const oneMenu = `${richMenus}/{richmenuId}`

/** What brings LINE WORKS' menus to what the file says. */
export async function planLineworksMenus(
  way: LineworksWay,
  { file, folder }: GivenMenus<LineworksMenuFile>,
): Promise<Plan> {
  const wanted = Object.entries(file.richMenus ?? {}).map(([name, menu]) => wantedOf(name, menu, folder))
  const persistent = file.persistentMenu?.actions
  persistent?.forEach((action, i) =>
    checkLineworksAction(action, 'persistentMenu', `persistentMenu.actions[${i}]`),
  )
  return planOf(way, { wanted, persistent }, await findMenus(way.call))
}

/** What takes away everything that `hookline menu apply` made; a persistent menu carries no mark, so it goes too. */
export async function planLineworksRemoval(way: LineworksWay): Promise<Plan> {
  return planOf(way, { wanted: [], persistent: undefined }, await findMenus(way.call))
}

/** 2500 × 1686 or 2500 × 843 exactly [doc bot-menu]. */
function wantedOf(name: string, given: GivenMenu, folder: string): Wanted {
  const image = readImage(given.image, folder)
  const size = given.size ?? { width: image.width, height: image.height }
  if (size.width !== 2500 || (size.height !== 1686 && size.height !== 843))
    throw invalid(`Menu ${name} is ${size.width}×${size.height}; LINE WORKS takes 2500×1686 or 2500×843.`)
  if (image.width !== size.width || image.height !== size.height)
    throw invalid(
      `Menu ${name} is ${size.width}×${size.height}, but its image ${image.width}×${image.height}.`,
    )
  const path = `richMenus.${name}`
  checkBounds(given.areas, size, path)
  given.areas.forEach(({ action }, i) =>
    checkLineworksAction(action, 'richMenu', `${path}.areas[${i}].action`),
  )
  const menu = { size, areas: given.areas }
  return {
    name,
    image,
    menu: { richmenuName: markOf(name, menu, image.hash), ...menu },
    isDefault: given.default,
  }
}

async function findMenus(call: Call): Promise<Found> {
  const [menus, standard, persistent] = await Promise.all([
    allRichMenus(call),
    unlessUnknown(call({ method: 'GET', path: `${richMenus}/default` })),
    unlessUnknown(call({ method: 'GET', path: `${base}/persistentmenu` })),
  ])
  const { defaultRichmenuId } = (standard?.body ?? {}) as { defaultRichmenuId?: string }
  const { content } = (persistent?.body ?? {}) as { content?: { actions?: MenuAction[] } }
  return { menus, defaultId: defaultRichmenuId, persistent: content?.actions }
}

async function allRichMenus(call: Call): Promise<RichMenu[]> {
  const found: RichMenu[] = []
  let cursor: string | undefined
  do {
    const { body } = await call({ method: 'GET', path: richMenus, query: { count: 100, cursor } })
    const page = body as { richmenus?: RichMenu[]; responseMetaData?: { nextCursor?: string | null } }
    found.push(...(page.richmenus ?? []))
    cursor = page.responseMetaData?.nextCursor ?? ''
  } while (cursor !== '')
  return found
}

/** 404 says that there is none [seen]. */
interface Desired {
  wanted: Wanted[]
  persistent: MenuAction[] | undefined
}

async function planOf(way: LineworksWay, { wanted, persistent }: Desired, found: Found): Promise<Plan> {
  const ours = found.menus.filter(({ richmenuName }) => readMark(richmenuName))
  const foreign = found.menus.filter(({ richmenuName }) => !readMark(richmenuName))
  if (persistent && foreign.length > 0)
    throw invalid(
      `There is a rich menu "${foreign[0]?.richmenuName ?? ''}" that was not made by this command; LINE WORKS takes no persistent menu beside it. Delete it first.`,
    )
  const kept = new Map<string, string>()
  for (const { name, menu } of wanted) {
    const same = ours.find(({ richmenuName }) => richmenuName === menu.richmenuName)
    if (same && (await hasImage(way.call, same.richmenuId))) kept.set(name, same.richmenuId)
  }
  const planning: Planning = { way, found, ours, ids: new Map(kept) }
  const old = ours.filter(({ richmenuId }) => ![...kept.values()].includes(richmenuId))
  const samePersistent = persistent !== undefined && isSame(persistent, found.persistent)
  return {
    steps: [
      ...wanted.filter(({ name }) => !kept.has(name)).map((menu) => creation(menu, planning)),
      ...defaultSteps(wanted, planning),
      ...old.map((menu) => deletion(menu, planning)),
      // Last: while a rich menu exists there can be no persistent one [doc bot-menu].
      ...(samePersistent || wanted.length > 0 ? [] : persistentSteps(persistent, planning)),
    ],
    unchanged: [
      ...[...kept.keys()].map((name) => `rich menu ${name}`),
      ...(samePersistent ? ['persistent menu'] : []),
    ],
    foreign: foreign.map(({ richmenuName }) => `rich menu "${richmenuName}"`),
  }
}

/** An earlier apply may have ended between the menu and its image. */
async function hasImage(call: Call, richmenuId: string): Promise<boolean> {
  return (
    (await unlessUnknown(call({ method: 'GET', path: `${oneMenu}/image`, params: { richmenuId } }))) !==
    undefined
  )
}

interface Planning {
  way: LineworksWay
  found: Found
  ours: RichMenu[]
  ids: Map<string, string>
}

function creation({ name, menu, image }: Wanted, { way, ours, ids, found }: Planning): Step {
  const before = ours.find(({ richmenuName }) => readMark(richmenuName)?.name === name)
  const replaced =
    found.persistent && ours.length === 0 ? ['the persistent menu goes: LINE WORKS deletes it'] : []
  return {
    sign: before ? '~' : '+',
    what: `rich menu ${name}`,
    details: before
      ? changes(before, menu)
      : [`${image.width}×${image.height}, ${menu.areas.length} area(s)`, ...replaced],
    run: async () => {
      const extension = image.contentType === 'image/png' ? 'png' : 'jpg'
      const fileId = await way.upload(`${name}.${extension}`, image.bytes)
      const { body } = await way.call({ method: 'POST', path: richMenus, body: menu })
      const { richmenuId } = body as { richmenuId: string }
      ids.set(name, richmenuId)
      await way.call({ method: 'POST', path: `${oneMenu}/image`, params: { richmenuId }, body: { fileId } })
    },
  }
}

function changes(before: RichMenu, after: Omit<RichMenu, 'richmenuId'>): string[] {
  const fields = differences(
    { size: before.size, areas: before.areas },
    { size: after.size, areas: after.areas },
  )
  const sameImage = readMark(before.richmenuName)?.imageHash === readMark(after.richmenuName)?.imageHash
  return sameImage ? fields : [...fields, 'image: another one']
}

function defaultSteps(wanted: Wanted[], { way, found, ours, ids }: Planning): Step[] {
  const next = wanted.find(({ isDefault }) => isDefault)
  if (next) {
    if (found.defaultId !== undefined && found.defaultId === ids.get(next.name)) return []
    const run = async () => {
      const richmenuId = ids.get(next.name) ?? ''
      await way.call({ method: 'POST', path: `${oneMenu}/set-default`, params: { richmenuId } })
    }
    return [
      { sign: found.defaultId === undefined ? '+' : '~', what: `default: ${next.name}`, details: [], run },
    ]
  }
  if (!ours.some(({ richmenuId }) => richmenuId === found.defaultId)) return []
  const run = async () => {
    await unlessUnknown(way.call({ method: 'DELETE', path: `${richMenus}/default` }))
  }
  return [{ sign: '-', what: 'default', details: [], run }]
}

function deletion({ richmenuId, richmenuName }: RichMenu, { way }: Planning): Step {
  return {
    sign: '-',
    what: `old rich menu ${readMark(richmenuName)?.name ?? richmenuName}`,
    details: [richmenuId],
    run: async () => {
      await unlessUnknown(way.call({ method: 'DELETE', path: oneMenu, params: { richmenuId } }))
    },
  }
}

function persistentSteps(persistent: MenuAction[] | undefined, { way, found }: Planning): Step[] {
  const path = `${base}/persistentmenu`
  if (!persistent) {
    if (!found.persistent) return []
    const run = async () => {
      await unlessUnknown(way.call({ method: 'DELETE', path }))
    }
    return [{ sign: '-', what: 'persistent menu', details: [], run }]
  }
  const run = async () => {
    await way.call({ method: 'POST', path, body: { content: { actions: persistent } } })
  }
  const details = found.persistent
    ? differences(found.persistent, persistent, 'actions')
    : persistent.map((action) => `${action.type} ${JSON.stringify(action['label'] ?? '')}`)
  return [{ sign: found.persistent ? '~' : '+', what: 'persistent menu', details, run }]
}
