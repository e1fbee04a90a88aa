import { countGraphemes, unlessUnknown } from '#libs/contract'
import { checkLineAction } from '#libs/messages'
import { markOf, readMark } from './mark'
import {
  type GivenMenus,
  type LineMenuFile,
  type MenuImage,
  checkBounds,
  invalid,
  readImage,
} from './menu-file'
import { type Call, type Plan, type Step, differences } from './steps'

type GivenMenu = LineMenuFile['richMenus'][string]

/** What LINE stores of a rich menu. */
interface RichMenu {
  richMenuId: string
  name: string
  size: object
  chatBarText: string
  selected: boolean
  areas: object[]
}

interface Wanted {
  name: string
  image: MenuImage
  /** The body that creates it. */
  menu: Omit<RichMenu, 'richMenuId'>
  isDefault: boolean
}

/** What LINE has now. */
interface Found {
  menus: RichMenu[]
  /** Alias → rich menu id. */
  aliases: Map<string, string>
  defaultId: string | undefined
}

/** What brings LINE's rich menus to what the file says. A rich menu can't be changed: a new one takes its place. */
export async function planLineMenus(call: Call, { file, folder }: GivenMenus<LineMenuFile>): Promise<Plan> {
  const wanted = Object.entries(file.richMenus).map(([name, menu]) => wantedOf(name, menu, folder))
  return planOf(call, wanted, await findMenus(call))
}

/** What takes away everything that `hookline menu apply` made. */
export async function planLineRemoval(call: Call): Promise<Plan> {
  return planOf(call, [], await findMenus(call))
}

function wantedOf(name: string, given: GivenMenu, folder: string): Wanted {
  const image = readImage(given.image, folder)
  const size = given.size ?? { width: image.width, height: image.height }
  checkSize(name, size, image)
  if (countGraphemes(given.chatBarText) > 14)
    throw invalid(
      `Menu ${name}: chatBarText has ${countGraphemes(given.chatBarText)} characters, LINE takes 14.`,
    )
  const { selected, chatBarText, areas } = given
  const path = `richMenus.${name}`
  checkBounds(areas, size, path)
  areas.forEach(({ action }, i) => checkLineAction(action, 'richmenu', `${path}.areas[${i}].action`))
  const menu = { size, selected, chatBarText, areas }
  return { name, image, menu: { ...menu, name: markOf(name, menu, image.hash) }, isDefault: given.default }
}

/** [doc R#rich-menu] */
function checkSize(
  name: string,
  { width, height }: { width: number; height: number },
  image: MenuImage,
): void {
  if (width < 800 || width > 2500 || height < 250 || width / height < 1.45)
    throw invalid(
      `Menu ${name} is ${width}×${height}; LINE takes a width of 800 to 2500, a height from 250, and at least 1.45 times as wide as high.`,
    )
  if (image.width !== width || image.height !== height)
    throw invalid(`Menu ${name} is ${width}×${height}, but its image ${image.width}×${image.height}.`)
}

async function findMenus(call: Call): Promise<Found> {
  const [menus, aliases, standard] = await Promise.all([
    call({ method: 'GET', path: '/v2/bot/richmenu/list' }),
    call({ method: 'GET', path: '/v2/bot/richmenu/alias/list' }),
    unlessUnknown(call({ method: 'GET', path: '/v2/bot/user/all/richmenu' })),
  ])
  const { aliases: rows } = aliases.body as { aliases: { richMenuAliasId: string; richMenuId: string }[] }
  return {
    menus: (menus.body as { richmenus: RichMenu[] }).richmenus,
    aliases: new Map(rows.map(({ richMenuAliasId, richMenuId }) => [richMenuAliasId, richMenuId])),
    defaultId: (standard?.body as { richMenuId?: string } | undefined)?.richMenuId,
  }
}

async function planOf(call: Call, wanted: Wanted[], found: Found): Promise<Plan> {
  const ours = found.menus.filter(({ name }) => readMark(name))
  const kept = new Map<string, string>()
  for (const { name, menu } of wanted) {
    const same = ours.find((existing) => existing.name === menu.name)
    if (same && (await hasImage(call, same.richMenuId))) kept.set(name, same.richMenuId)
  }
  const context: Planning = { call, found, ours, ids: new Map(kept) }
  const old = ours.filter(({ richMenuId }) => ![...kept.values()].includes(richMenuId))
  const steps = [
    ...wanted.filter(({ name }) => !kept.has(name)).map((menu) => creation(menu, context)),
    ...wanted.flatMap((menu) => aliasSteps(menu, context)),
    ...defaultSteps(wanted, context),
    ...aliasRemovals(wanted, context),
    ...old.map((menu) => deletion(menu, context)),
  ]
  const foreign = found.menus.filter(({ name }) => !readMark(name)).map(({ name }) => `rich menu "${name}"`)
  return { steps, unchanged: [...kept.keys()].map((name) => `rich menu ${name}`), foreign }
}

/** An earlier apply may have ended between the menu and its image; such a menu can't be shown to anybody. */
async function hasImage(call: Call, richMenuId: string): Promise<boolean> {
  const path = '/v2/bot/richmenu/{richMenuId}/content'
  const answer = await unlessUnknown(
    call({ method: 'GET', path, params: { richMenuId }, host: 'data', as: 'bytes' }),
  )
  return answer !== undefined
}

interface Planning {
  call: Call
  found: Found
  /** Made by an earlier apply. */
  ours: RichMenu[]
  /** Name → id, of those that stay and, once made, of the new ones. */
  ids: Map<string, string>
}

function idOf(name: string, { ids }: Planning): string {
  const id = ids.get(name)
  if (id === undefined) throw new TypeError(`rich menu ${name} has no id yet`)
  return id
}

function creation({ name, menu, image }: Wanted, planning: Planning): Step {
  const { call, ours } = planning
  const before = ours.find((existing) => readMark(existing.name)?.name === name)
  return {
    sign: before ? '~' : '+',
    what: `rich menu ${name}`,
    details: before
      ? changes(before, menu)
      : [`${image.width}×${image.height}, ${menu.areas.length} area(s)`],
    run: async () => {
      const { body } = await call({ method: 'POST', path: '/v2/bot/richmenu', body: menu })
      const { richMenuId } = body as { richMenuId: string }
      planning.ids.set(name, richMenuId)
      await call({
        method: 'POST',
        path: '/v2/bot/richmenu/{richMenuId}/content',
        params: { richMenuId },
        host: 'data',
        body: image.bytes,
        contentType: image.contentType,
      })
    },
  }
}

function changes(before: RichMenu, after: Omit<RichMenu, 'richMenuId'>): string[] {
  const { size, selected, chatBarText, areas } = before
  const { name, ...wanted } = after
  const fields = differences({ size, selected, chatBarText, areas }, wanted)
  const sameImage = readMark(before.name)?.imageHash === readMark(name)?.imageHash
  return sameImage ? fields : [...fields, 'image: another one']
}

function aliasSteps({ name }: Wanted, planning: Planning): Step[] {
  const { call, found, ids } = planning
  const now = found.aliases.get(name)
  if (now !== undefined && now === ids.get(name)) return []
  const run = async () => {
    const richMenuId = idOf(name, planning)
    if (now === undefined) {
      await call({
        method: 'POST',
        path: '/v2/bot/richmenu/alias',
        body: { richMenuAliasId: name, richMenuId },
      })
      return
    }
    const path = '/v2/bot/richmenu/alias/{richMenuAliasId}'
    await call({ method: 'POST', path, params: { richMenuAliasId: name }, body: { richMenuId } })
  }
  return [{ sign: now === undefined ? '+' : '~', what: `alias ${name}`, details: [], run }]
}

function defaultSteps(wanted: Wanted[], planning: Planning): Step[] {
  const { call, found, ours, ids } = planning
  const next = wanted.find(({ isDefault }) => isDefault)
  const isOurs = ours.some(({ richMenuId }) => richMenuId === found.defaultId)
  if (next) {
    if (found.defaultId !== undefined && found.defaultId === ids.get(next.name)) return []
    const path = '/v2/bot/user/all/richmenu/{richMenuId}'
    const run = async () => {
      await call({ method: 'POST', path, params: { richMenuId: idOf(next.name, planning) } })
    }
    return [
      { sign: found.defaultId === undefined ? '+' : '~', what: `default: ${next.name}`, details: [], run },
    ]
  }
  if (!isOurs) return []
  const run = async () => {
    await call({ method: 'DELETE', path: '/v2/bot/user/all/richmenu' })
  }
  return [{ sign: '-', what: 'default', details: [], run }]
}

/** Aliases of menus that are no longer in the file. */
function aliasRemovals(wanted: Wanted[], { call, found, ours }: Planning): Step[] {
  const ids = new Set(ours.map(({ richMenuId }) => richMenuId))
  const names = new Set(wanted.map(({ name }) => name))
  return [...found.aliases]
    .filter(([alias, id]) => ids.has(id) && !names.has(alias))
    .map(([alias]) => ({
      sign: '-',
      what: `alias ${alias}`,
      details: [],
      run: async () => {
        const path = '/v2/bot/richmenu/alias/{richMenuAliasId}'
        await unlessUnknown(call({ method: 'DELETE', path, params: { richMenuAliasId: alias } }))
      },
    }))
}

function deletion({ richMenuId, name }: RichMenu, { call }: Planning): Step {
  return {
    sign: '-',
    what: `old rich menu ${readMark(name)?.name ?? name}`,
    details: [richMenuId],
    run: async () => {
      await unlessUnknown(
        call({ method: 'DELETE', path: '/v2/bot/richmenu/{richMenuId}', params: { richMenuId } }),
      )
    },
  }
}
