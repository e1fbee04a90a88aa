import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Act, PageState } from '../../libs/emulator/page-types'
import { eventually } from '../support/eventually'
import { killLeftovers, root, runToEnd } from '../support/stack'

const platforms = ['line', 'lineworks', 'tocaro'] as const
let dev: ChildProcess
let page = ''
let emulator = ''
let output = ''

beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hookline-backstage-'))
  const [ingress = '', worker = '', port = '', console = ''] = await Promise.all([1, 2, 3, 4].map(freePort))
  dev = spawn(process.execPath, [join(root, 'dist/libs/cli/main.js'), 'dev', '--no-watch'], {
    cwd,
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], CONSOLE_PORT: console },
      ...{ INGRESS_PORT: ingress, WORKER_PORT: worker, EMULATOR_PORT: port },
    },
  })
  dev.stdout?.on('data', (chunk) => (output += String(chunk)))
  dev.stderr?.on('data', (chunk) => (output += String(chunk)))
  emulator = `http://127.0.0.1:${port}`
  page = `${emulator}/__emulator/page`
  await eventually(() => expect(output).toContain('Ctrl-C stops everything'))
})
afterAll(async () => {
  const ended = once(dev, 'exit')
  dev.kill('SIGINT')
  await ended
  killLeftovers()
})

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

async function post(path: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(page + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, json: await response.json() }
}

const state = async () => (await (await fetch(`${page}/state`)).json()) as PageState

const says = (platform: Act['platform'], text: string, user = 'Taro') =>
  post('/act', { platform, user, does: { kind: 'text', text } })

/** What the bot said, echoing it, in the order of each chat. */
async function answers(prefix: string): Promise<string[]> {
  const lines = (await state()).platforms.flatMap((phone) => phone.lines)
  return lines
    .filter(({ from, message }) => from.kind === 'bot' && String(message?.['text']).startsWith(prefix))
    .map(({ platform, message }) => `${platform} ${String(message?.['text'])}`)
}

const texts = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix} ${i + 1}`)
const inOrder = (said: string[], platform: string) => said.filter((each) => each.startsWith(`${platform} `))

test('what is typed on each phone is answered', async () => {
  for (const platform of platforms) expect((await says(platform, `hello ${platform}`)).status).toBe(200)
  await eventually(async () => expect(await answers('hello')).toHaveLength(3))
  expect((await state()).backstage).toMatchObject({ available: true, stories: true, redis: 'up' })
})

test('a worker that is killed in the middle of a burst loses nothing', async () => {
  const before = (await state()).backstage.worker
  const sent = platforms.map(async (platform) => {
    for (const text of texts('burst', 8)) await says(platform, text)
  })
  await eventually(async () => expect((await answers('burst')).length).toBeGreaterThan(0))
  expect((await post('/kill-worker', {})).status).toBe(200)
  await Promise.all(sent)
  await eventually(async () => {
    const said = await answers('burst')
    for (const platform of platforms)
      expect([...new Set(inOrder(said, platform))]).toEqual(
        texts('burst', 8).map((text) => `${platform} ${text}`),
      )
  }, 60_000)
  const { worker } = (await state()).backstage
  expect(worker?.pid).not.toBe(before?.pid)
  expect(worker?.kills).toBe(1)
})

test('three seconds without Redis lose nothing', async () => {
  const stopped = await post('/faults', { kind: 'redis-down', durationMs: 3000 })
  expect([stopped.status, (await state()).backstage.redis]).toEqual([201, 'down'])
  for (const platform of platforms)
    for (const text of texts('outage', 3))
      expect((await says(platform, text)).json).toMatchObject({ delivery: { status: 200 } })
  expect((await state()).backstage.redis).toBe('down')
  await eventually(async () => expect((await state()).backstage.redis).toBe('up'))
  expect((await state()).faults).toEqual([])
  await eventually(async () => {
    const said = await answers('outage')
    for (const platform of platforms)
      expect(inOrder(said, platform)).toEqual(texts('outage', 3).map((text) => `${platform} ${text}`))
  }, 60_000)
})

test('a message that waits has a story', async () => {
  await post('/faults', { platform: 'line', kind: '429', durationMs: 60_000 })
  const { json } = await says('line', 'later')
  const { webhook } = (json as { line: { webhook: string } }).line
  await eventually(async () => {
    const response = await fetch(`${page}/story?webhook=${webhook}`)
    expect(await response.json()).toMatchObject({ bot: 'line', type: 'text', steps: expect.any(Array) })
  })
  await fetch(`${page}/faults`, {
    ...{ method: 'DELETE', headers: { 'content-type': 'application/json' }, body: '{}' },
  })
})

describe('hookline scenario', () => {
  const cli = (args: string[]) =>
    runToEnd('dist/libs/cli/main.js', { EMULATOR_URL: emulator }, ['scenario', ...args])

  test.each(['rush-hour', 'worker-dies'])('plays %s to its end', async (name) => {
    const file = join(root, `docs/guide/scenarios/${name}.json`)
    expect(await cli(['check', file])).toMatchObject({ code: 0 })
    const { code, output: printed } = await cli(['play', file, '--speed', '4'])
    expect([printed, code]).toEqual([expect.stringMatching(/steps played\n$/), 0])
  })

  test('says what is wrong with a file, and where no emulator is', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'hookline-scenario-')), 's.json')
    writeFileSync(file, JSON.stringify({ version: 1, name: 'x', steps: [{ afterMs: 0, do: 'dance' }] }))
    expect(await cli(['check', file])).toMatchObject({ code: 1, output: expect.stringContaining('steps[0]') })
    const good = join(root, 'docs/guide/scenarios/rush-hour.json')
    const nobody = await cli(['play', good, '--emulator', `http://127.0.0.1:${await freePort()}`])
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('There is no emulator at') })
  })
})
