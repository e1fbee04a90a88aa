import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../support/eventually'
import { root } from '../support/stack'

const cli = join(root, 'dist/libs/cli/main.js')
const run = promisify(execFile)
const started: ChildProcess[] = []
// Not SIGKILL: npm would leave what it started behind.
afterAll(() => started.forEach((child) => child.kill('SIGTERM')))

const env = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: process.env['HOME'] })

const init = (cwd: string, ...args: string[]) =>
  run(process.execPath, [cli, 'init', ...args], { cwd, env: env() })

/**
 * What `npm install` does, without a registry: the package that init packed, unpacked, beside what it and the project
 * depend on, which the checkout has.
 */
async function install(project: string): Promise<void> {
  const modules = join(project, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  mkdirSync(join(modules, 'hookline'))
  const [tarball = ''] = readdirSync(join(project, 'vendor'))
  await run('tar', [
    'xzf',
    join(project, 'vendor', tarball),
    '--strip-components=1',
    '-C',
    join(modules, 'hookline'),
  ])
  symlinkSync('../hookline/dist/libs/cli/main.js', join(modules, '.bin/hookline'))
  await run('chmod', ['755', join(modules, 'hookline/dist/libs/cli/main.js')])
  symlinkSync('../typescript/bin/tsc', join(modules, '.bin/tsc'))
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return String(port)
}

function npm(project: string, args: string[], more: NodeJS.ProcessEnv = {}) {
  const child = spawn('npm', args, { cwd: project, env: { ...env(), ...more } })
  started.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const ended = once(child, 'exit').then(([code]) => code as number)
  return { child, ended, output: () => output }
}

test('a checkout that nobody has built becomes a command when it is installed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-checkout-'))
  for (const name of [
    'apps',
    'bots',
    'chaos',
    'libs',
    'pages',
    'scripts',
    'tests',
    'template',
    'package.json',
    'tsconfig.json',
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // What `npm ci` and `npm install PATH_TO_CHECKOUT` do at their end.
  await run('npm', ['run', '--silent', '--if-present', 'prepare'], { cwd: folder, env: env() })
  const { stdout } = await run(process.execPath, [join(folder, 'dist/libs/cli/main.js'), '--version'])
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/)
}, 180_000)

test('the project that init makes passes its tests, starts, answers and is loaded again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-init-'))
  const made = await init(folder, 'my-bot')
  expect(made.stdout).toContain('npm start')
  const project = join(folder, 'my-bot')
  await install(project)

  const tests = npm(project, ['test'])
  const code = await tests.ended
  expect(tests.output()).toMatch(/pass 3/)
  expect(code).toBe(0)

  const ports = {
    INGRESS_PORT: await freePort(),
    WORKER_PORT: await freePort(),
    CONSOLE_PORT: await freePort(),
    EMULATOR_PORT: await freePort(),
  }
  const start = npm(project, ['start'], ports)
  await eventually(() => expect(start.output()).toContain('Ctrl-C stops everything'))
  const talk = async (text: string) => {
    const chat = npm(project, ['run', '--silent', 'chat'], ports)
    chat.child.stdin.end(`${text}\n`)
    await chat.ended
    return chat.output()
  }
  const answers = await talk('ping')
  for (const platform of ['line', 'lineworks', 'tocaro']) expect(answers).toContain(`${platform}> pong`)

  const bot = join(project, 'bot.ts')
  const source = readFileSync(bot, 'utf8')
  writeFileSync(bot, `${source}\nsyntax error (`)
  await eventually(() => expect(start.output()).toContain('the worker did not start (1)'))
  expect(start.output()).toContain('bot.ts')
  writeFileSync(bot, source.replace("'pong'", "'changed'"))
  await eventually(async () => expect(await talk('ping')).toContain('lineworks> changed'))

  start.child.kill('SIGINT')
  expect(await start.ended).toBe(0)
}, 180_000)

test('it is for the platforms that are named, and says as JSON what it made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-init-'))
  const { stdout } = await init(folder, 'shop', '--platform', 'lineworks', '--hookline', '^9.9.9', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ name: 'shop', hookline: '^9.9.9', folder: join(folder, 'shop') })
  const read = (file: string) => readFileSync(join(folder, 'shop', file), 'utf8')
  expect(JSON.parse(read('package.json'))).toMatchObject({
    name: 'shop',
    dependencies: { hookline: '^9.9.9' },
  })
  const [, ingress = '', worker = ''] =
    /\n {2}ingress:\n([^]*)\n {2}worker:\n([^]*)/.exec(read('docker-compose.yml')) ?? []
  expect(ingress).toContain('LINEWORKS_BOT_SECRET:')
  expect(ingress).not.toContain('LINEWORKS_PRIVATE_KEY')
  expect(worker).toContain('LINEWORKS_PRIVATE_KEY:')
  expect(worker).not.toMatch(/TOCARO|LINE_/)
  for (const file of readdirSync(join(folder, 'shop')).filter((name) => !/secrets/.test(name)))
    expect(read(file)).not.toMatch(/\{\{\w+\}\}/)
})

test.each([
  ['a folder that has something in it', 'full', /not empty \(notes\.txt\)/],
  ['a name that npm would not take', 'My Bot', /can't be the name of a project/],
  ['the name of the package itself', 'hookline', /is taken/],
])('refuses %s', async (_what, name, words) => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-init-'))
  mkdirSync(join(folder, 'full'))
  writeFileSync(join(folder, 'full/notes.txt'), '')
  await expect(init(folder, name)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(words) })
  expect(readdirSync(folder)).toEqual(['full'])
})
