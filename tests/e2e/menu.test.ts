import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderWith, png } from '../../libs/menus/menus.test.support'
import { type Stack, killLeftovers, runToEnd, startStack } from '../support/stack'

let stack: Stack
beforeEach(async () => {
  stack = await startStack({ workers: 0 })
})
afterEach(() => stack.stop())
afterAll(killLeftovers)

const hookline = (env: Record<string, string>, ...args: string[]) =>
  runToEnd('dist/libs/cli/main.js', { ...stack.env, ...env }, ['menu', ...args])

const area = (action: object, width = 2500) => ({ bounds: { x: 0, y: 0, width, height: 843 }, action })
const postback = (data: string) => area({ type: 'postback', label: data, data })
const lineFile = (...areas: object[]) =>
  JSON.stringify({
    richMenus: { main: { chatBarText: 'メニュー', image: 'menu.png', default: true, areas } },
  })
const worksFile = (...areas: object[]) =>
  JSON.stringify({ richMenus: { main: { image: 'menu.png', default: true, areas } } })
const persistentFile = (...actions: object[]) => JSON.stringify({ persistentMenu: { actions } })

/** A menu file (JSON is YAML) in a folder of its own, its image beside it. */
function menuFile(content: string): string {
  const folder = folderWith({ 'menu.png': png(2500, 843), 'menu.yaml': content })
  return join(folder, 'menu.yaml')
}

/** Calls about menus, reading ones too. */
const calls = () => stack.emulator.ledger.after(0).filter(({ operation }) => /menu/.test(operation))

describe.each([
  ['line', 'LINE_MENU', lineFile],
  ['lineworks', 'LINEWORKS_MENU', worksFile],
] as const)('hookline menu on %s', (bot, variable, content) => {
  test('shows, does it, has nothing to do, shows the difference, takes it away', async () => {
    const env = { [variable]: menuFile(content(postback('order'))) }
    const planned = await hookline(env, 'plan')
    expect(planned).toMatchObject({ code: 0, output: expect.stringContaining('+ rich menu main') as unknown })
    const unasked = await hookline(env, 'apply')
    expect(unasked).toMatchObject({
      code: 2,
      output: expect.stringContaining('Add --yes to do it') as unknown,
    })
    expect(await hookline(env, 'plan')).toEqual(planned)

    expect(await hookline(env, 'apply', '--yes')).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${bot}: done.`) as unknown,
    })
    const again = await hookline(env, 'plan')
    expect(again).toEqual({ code: 0, output: `${bot}: nothing to change.\n  = rich menu main\n` })

    writeFileSync(String(env[variable]), content(postback('cancel')))
    expect((await hookline(env, 'plan')).output).toContain('areas.0.action.data: "order" → "cancel"')
    const { code, output } = await hookline(env, 'apply', '--yes', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({ bot, applied: true, foreign: [] })

    expect((await hookline({}, 'remove', '--bot', bot, '--yes')).code).toBe(0)
    const after = await hookline({}, 'remove', '--bot', bot, '--json')
    expect(JSON.parse(after.output)).toEqual({ bot, steps: [], unchanged: [], foreign: [], applied: false })
  })

  test('a call that fails in the middle ends it; the next apply finishes', async () => {
    const env = { [variable]: menuFile(content(postback('order'))) }
    const operation = bot === 'line' ? 'richmenu' : 'richmenus'
    // The lists of the plan pass; the first call after them is the menu, the second its image.
    const reads = bot === 'line' ? 3 : 2
    stack.emulator.faults.add({ platform: bot, operation, kind: '403', every: reads + 2, count: 1 })
    const broken = await hookline(env, 'apply', '--yes')
    expect(broken.code).toBe(1)
    expect(broken.output).toContain('+ rich menu main …')
    expect(broken.output).not.toContain('done.')
    expect((await hookline(env, 'apply', '--yes')).code).toBe(0)
    expect((await hookline(env, 'plan')).output).toContain('nothing to change')
  })

  test.each([
    [
      'a label that is too long',
      area({ type: 'postback', label: 'x'.repeat(21), data: 'a' }),
      /areas\[0\]\.action.*2[01]/,
    ],
    ['an action without its field', area({ type: 'uri', label: 'x' }), /areas\[0\]\.action\.uri/],
    [
      'an area that leaves the menu',
      area({ type: 'message', label: 'x', text: 'x' }, 2501),
      /areas\[0\]\.bounds.*2500×843/,
    ],
  ])('refuses %s before anything is sent', async (_what, wrong, words) => {
    const { code, output } = await hookline({ [variable]: menuFile(content(wrong)) }, 'apply', '--yes')
    expect(output).toMatch(words)
    expect(code).toBe(1)
    expect(calls()).toEqual([])
  })
})

test('a persistent menu takes messages, links and copies only', async () => {
  const wrong = persistentFile({ type: 'postback', label: '在庫', data: 'stock' })
  const refused = await hookline({ LINEWORKS_MENU: menuFile(wrong) }, 'apply', '--yes')
  expect(refused.output).toMatch(
    /persistentMenu\.actions\[0\]\.type: is "postback"; LINE WORKS takes "message", "uri", "copy"/,
  )
  expect(refused.code).toBe(1)
  expect(calls()).toEqual([])

  const env = {
    LINEWORKS_MENU: menuFile(persistentFile({ type: 'message', label: '在庫', postback: 'stock' })),
  }
  expect((await hookline(env, 'apply', '--yes')).code).toBe(0)
  expect((await hookline(env, 'plan')).output).toContain('= persistent menu')
})

test('several bots of a configuration file, one with its menu in it; images from that folder', async () => {
  const folder = folderWith({ 'menu.png': png(2500, 843) })
  mkdirSync(join(folder, 'menus'))
  writeFileSync(join(folder, 'menus/menu.png'), png(2500, 843, 9))
  writeFileSync(join(folder, 'menus/works.yaml'), worksFile(postback('works')))
  const { env } = stack
  const bots = {
    shop: {
      ...{ platform: 'line', channelSecret: env['LINE_CHANNEL_SECRET'], channelId: env['LINE_CHANNEL_ID'] },
      ...{ apiBaseUrl: stack.emulator.url, dataApiBaseUrl: stack.emulator.url },
      menu: JSON.parse(lineFile(postback('shop'))) as object,
    },
    desk: {
      ...{ platform: 'lineworks', botId: env['LINEWORKS_BOT_ID'], clientId: env['LINEWORKS_CLIENT_ID'] },
      ...{ clientSecret: env['LINEWORKS_CLIENT_SECRET'], serviceAccount: env['LINEWORKS_SERVICE_ACCOUNT'] },
      ...{ privateKey: env['LINEWORKS_PRIVATE_KEY'] },
      ...{ apiBaseUrl: `${stack.emulator.url}/v1.0`, authBaseUrl: `${stack.emulator.url}/oauth2/v2.0` },
      menu: 'menus/works.yaml',
    },
  }
  for (const bot of Object.values(bots))
    Object.assign(bot, { handler: join(__dirname, '../../bots/echo.ts') })
  const file = join(folder, 'hookline.config.yaml')
  writeFileSync(file, JSON.stringify({ bots }))
  const own = { REDIS_URL: env['REDIS_URL'] ?? '', HOOKLINE_CONFIG: file }
  const run = (...args: string[]) => runToEnd('dist/libs/cli/main.js', own, ['menu', ...args])
  const { code, output } = await run('apply', '--yes')
  expect(output).toMatch(/shop: done\.[^]*desk: done\./)
  expect(code).toBe(0)
  const lines = (await run('plan', '--json')).output.trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { bot: string; steps: [] }).steps)).toEqual([[], []])
  expect((await run('plan', '--bot', 'desk')).output).not.toContain('shop')
  expect(await run('plan', '--bot', 'nobody')).toMatchObject({
    code: 1,
    output: expect.stringContaining('There are: shop, desk') as unknown,
  })
})

test('says in words what is missing: a menu, its file, Redis', async () => {
  expect(await hookline({}, 'plan')).toMatchObject({
    code: 1,
    output: expect.stringContaining('No bot has a menu') as unknown,
  })
  expect(await hookline({ LINE_MENU: '/nowhere/menu.yaml' }, 'plan')).toMatchObject({
    code: 1,
    output: expect.stringContaining('/nowhere/menu.yaml') as unknown,
  })
  const env = { LINE_MENU: menuFile(lineFile(postback('a'))), REDIS_URL: 'redis://127.0.0.1:9' }
  const { code, output } = await hookline(env, 'plan')
  expect(code).toBe(1)
  expect(output).toMatch(/Redis/)
  expect(output).not.toMatch(/\n\s+at /)
})
