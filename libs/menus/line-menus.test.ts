import { closeAll, setup as startEmulator } from '../emulator/emulator.test.support'
import { apply, planLineMenus, planLineRemoval, readLineMenus } from '.'
import { folderWith, png, recordingCall } from './menus.test.support'

afterEach(closeAll)

const area = (data: string, x = 0) => ({
  bounds: { x, y: 0, width: 400, height: 400 },
  action: { type: 'postback', label: data, data },
})

const menu = (given: object = {}) => ({
  chatBarText: 'メニュー',
  image: 'a.png',
  areas: [area('order')],
  ...given,
})

async function setup() {
  const { emulator } = await startEmulator()
  const folder = folderWith({
    'a.png': png(800, 400),
    'b.png': png(800, 400, 100),
    'tall.png': png(800, 800),
  })
  const { call, writes } = recordingCall(emulator.url, 'line-long-lived')
  const plan = (richMenus: object) => planLineMenus(call, readLineMenus({ richMenus }, folder))
  const bring = async (richMenus: object) => {
    const told: string[] = []
    await apply(await plan(richMenus), ({ sign, what }) => told.push(`${sign} ${what}`))
    return told
  }
  const platformHas = async () => {
    const list = (await call({ method: 'GET', path: '/v2/bot/richmenu/list' })).body as {
      richmenus: { richMenuId: string; name: string; areas: { action: { data: string } }[] }[]
    }
    const aliases = (await call({ method: 'GET', path: '/v2/bot/richmenu/alias/list' })).body as {
      aliases: { richMenuAliasId: string; richMenuId: string }[]
    }
    return { menus: list.richmenus, aliases: aliases.aliases }
  }
  return { call, writes, plan, bring, platformHas, folder }
}

test('creates menus with their images and aliases, and the default one', async () => {
  const { bring, platformHas, call } = await setup()
  const told = await bring({ main: menu({ default: true }), second: menu({ image: 'b.png' }) })
  expect(told).toEqual([
    '+ rich menu main',
    '+ rich menu second',
    '+ alias main',
    '+ alias second',
    '+ default: main',
  ])
  const { menus, aliases } = await platformHas()
  const idOf = (alias: string) => aliases.find(({ richMenuAliasId }) => richMenuAliasId === alias)?.richMenuId
  expect(menus.map(({ richMenuId }) => richMenuId).sort()).toEqual([idOf('main'), idOf('second')].sort())
  const standard = await call({ method: 'GET', path: '/v2/bot/user/all/richmenu' })
  expect(standard.body).toEqual({ richMenuId: idOf('main') })
})

test('has nothing to do when the platform has what the file says', async () => {
  const { bring, plan, writes } = await setup()
  await bring({ main: menu({ default: true }) })
  const before = writes.length
  const again = await plan({ main: menu({ default: true }) })
  expect(again).toMatchObject({ steps: [], unchanged: ['rich menu main'] })
  expect(writes).toHaveLength(before)
})

test('tells what differs, and puts a new menu in the place of the old', async () => {
  const { bring, plan, platformHas } = await setup()
  await bring({ main: menu({ default: true }) })
  const changed = { main: menu({ default: true, image: 'b.png', areas: [area('cancel')] }) }
  const { steps } = await plan(changed)
  expect(steps.map(({ sign, what, details }) => [`${sign} ${what}`, ...details])).toEqual([
    [
      '~ rich menu main',
      'areas.0.action.label: "order" → "cancel"',
      'areas.0.action.data: "order" → "cancel"',
      'image: another one',
    ],
    ['~ alias main'],
    ['~ default: main'],
    ['- old rich menu main', expect.stringMatching(/^richmenu-/)],
  ])
  await bring(changed)
  const { menus, aliases } = await platformHas()
  expect(menus).toHaveLength(1)
  expect(menus[0]?.areas[0]?.action.data).toBe('cancel')
  expect(aliases).toEqual([{ richMenuAliasId: 'main', richMenuId: menus[0]?.richMenuId }])
})

test('a menu whose image never came is made again', async () => {
  const { call, bring, plan, platformHas } = await setup()
  const broken = await plan({ main: menu() })
  const cut: typeof call = (request) =>
    request.path.endsWith('/content') ? Promise.reject(new Error('connection lost')) : call(request)
  const folder = folderWith({ 'a.png': png(800, 400) })
  const half = await planLineMenus(cut, readLineMenus({ richMenus: { main: menu() } }, folder))
  await expect(apply(half, () => undefined)).rejects.toThrow('connection lost')
  expect(broken.steps).toHaveLength(2)
  expect(await bring({ main: menu() })).toEqual(['~ rich menu main', '+ alias main', '- old rich menu main'])
  expect((await platformHas()).menus).toHaveLength(1)
})

test('removes what it made and leaves others alone', async () => {
  const { call, bring, platformHas } = await setup()
  const foreign = {
    size: { width: 800, height: 400 },
    selected: false,
    name: 'by hand',
    chatBarText: 'x',
    areas: [],
  }
  await call({ method: 'POST', path: '/v2/bot/richmenu', body: foreign })
  await bring({ main: menu({ default: true }), second: menu() })
  const plan = await planLineRemoval(call)
  expect(plan.foreign).toEqual(['rich menu "by hand"'])
  await apply(plan, () => undefined)
  const { menus, aliases } = await platformHas()
  expect(menus.map(({ name }) => name)).toEqual(['by hand'])
  expect(aliases).toEqual([])
})

test('a menu that is no longer in the file goes, with its alias', async () => {
  const { bring, platformHas } = await setup()
  await bring({ main: menu(), second: menu() })
  expect(await bring({ main: menu() })).toEqual(['- alias second', '- old rich menu second'])
  expect((await platformHas()).aliases.map(({ richMenuAliasId }) => richMenuAliasId)).toEqual(['main'])
})

test.each([
  ['a size that LINE does not take', { main: menu({ image: 'tall.png' }) }, /800×800.*1.45/],
  [
    'a size that is not the image’s',
    { main: menu({ size: { width: 1200, height: 400 } }) },
    /1200×400.*800×400/,
  ],
  ['a long chatBarText', { main: menu({ chatBarText: 'あ'.repeat(15) }) }, /15 characters, LINE takes 14/],
  ['an image that is not there', { main: menu({ image: 'no.png' }) }, /no\.png can't be read \(ENOENT\)/],
  ['two defaults', { main: menu({ default: true }), b: menu({ default: true }) }, /main and b/],
  ['a wrong name', { 'Main!': menu() }, /richMenus\.Main!/],
  ['an unknown key', { main: menu({ colour: 'red' }) }, /richMenus\.main.*colour/],
  ['21 areas', { main: menu({ areas: Array.from({ length: 21 }, () => area('x')) }) }, /areas.*20/],
])('refuses %s before anything is changed', async (_name, richMenus, words) => {
  const { plan, writes } = await setup()
  const planned = async () => plan(richMenus)
  await expect(planned()).rejects.toThrow(words)
  expect(writes).toEqual([])
})
