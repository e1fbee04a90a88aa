import { closeAll, setup as startEmulator } from '../emulator/emulator.test.support'
import { apply, planLineworksMenus, planLineworksRemoval, readLineworksMenus } from '.'
import { folderWith, png, recordingCall } from './menus.test.support'

afterEach(closeAll)

const persistentMenu = { actions: [{ type: 'message', label: '在庫', postback: 'stock' }] }
const area = {
  bounds: { x: 0, y: 0, width: 2500, height: 843 },
  action: { type: 'postback', label: 'a', data: 'a' },
}
const main = { image: 'a.png', default: true, areas: [area] }

async function setup() {
  const { emulator, worksToken } = await startEmulator()
  const token = (await worksToken()).body.access_token
  const folder = folderWith({
    'a.png': png(2500, 843),
    'b.png': png(2500, 843, 9),
    'small.png': png(800, 400),
  })
  const { call, writes } = recordingCall(`${emulator.url}/v1.0`, token, '2000001')
  const uploaded: string[] = []
  const way = { call, upload: async (name: string) => `file-${uploaded.push(name)}` }
  const plan = (file: Record<string, unknown>) => planLineworksMenus(way, readLineworksMenus(file, folder))
  const bring = async (file: Record<string, unknown>) => {
    const told: string[] = []
    await apply(await plan(file), ({ sign, what }) => told.push(`${sign} ${what}`))
    return told
  }
  return { way, writes, uploaded, plan, bring }
}

test('registers a persistent menu, tells what differs, and does nothing twice', async () => {
  const { plan, bring } = await setup()
  expect(await bring({ persistentMenu })).toEqual(['+ persistent menu'])
  expect(await plan({ persistentMenu })).toMatchObject({ steps: [], unchanged: ['persistent menu'] })
  const other = { actions: [{ type: 'message', label: '在庫', postback: 'stock2' }] }
  const { steps } = await plan({ persistentMenu: other })
  expect(steps.map(({ sign, details }) => [sign, ...details])).toEqual([
    ['~', 'actions.0.postback: "stock" → "stock2"'],
  ])
})

test('puts a rich menu in the place of a persistent one, and back', async () => {
  const { bring, plan, uploaded } = await setup()
  await bring({ persistentMenu })
  expect(await bring({ richMenus: { main } })).toEqual(['+ rich menu main', '+ default: main'])
  expect(uploaded).toEqual(['main.png'])
  expect(await plan({ richMenus: { main } })).toMatchObject({ steps: [], unchanged: ['rich menu main'] })
  expect(await bring({ persistentMenu })).toEqual(['- default', '- old rich menu main', '+ persistent menu'])
})

test('makes a changed rich menu anew', async () => {
  const { bring } = await setup()
  await bring({ richMenus: { main } })
  expect(await bring({ richMenus: { main: { ...main, image: 'b.png' } } })).toEqual([
    '~ rich menu main',
    '~ default: main',
    '- old rich menu main',
  ])
})

test('removes everything that it made', async () => {
  const { bring, way } = await setup()
  await bring({ richMenus: { main } })
  await apply(await planLineworksRemoval(way), () => undefined)
  expect((await planLineworksRemoval(way)).steps).toEqual([])
})

test('leaves a rich menu of somebody else alone, which excludes a persistent one', async () => {
  const { plan, way } = await setup()
  const foreign = { richmenuName: 'by hand', size: { width: 2500, height: 843 }, areas: [area] }
  await way.call({ method: 'POST', path: '/bots/{botId}/richmenus', body: foreign })
  await expect(plan({ persistentMenu })).rejects.toThrow(/"by hand".*Delete it first/)
})

test.each([
  ['both kinds', { persistentMenu, richMenus: { main } }, /either persistentMenu or richMenus/],
  ['five actions', { persistentMenu: { actions: Array(5).fill(persistentMenu.actions[0]) } }, /actions/],
  [
    'another size',
    { richMenus: { main: { ...main, image: 'small.png' } } },
    /800×400.*2500×1686 or 2500×843/,
  ],
])('refuses %s', async (_name, file, words) => {
  const { plan, writes } = await setup()
  const planned = async () => plan(file)
  await expect(planned()).rejects.toThrow(words)
  expect(writes).toEqual([])
})
