import { spawn, spawnSync } from 'node:child_process'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { loadConfig } from '#libs/config'
import {
  type Container,
  type PodSpec,
  consoleProcess,
  containerOf,
  folder,
  ingress,
  keysOf,
  podOf,
  processes,
  readSettings,
  secretNamed,
  worker,
} from './support/manifests'
import { testRedisUrl } from './support/redis'
import { type RedisServer, createRedisServer, describeWithRedisServer } from './support/redis-server'
import { killLeftovers, root, startService } from './support/stack'

/* What ingress and worker make of the settings, secrets and files that their pods get. */

const envOf = (container: Container) =>
  Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]))

const temporary: string[] = []
function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hookline-kubernetes-'))
  temporary.push(path)
  return path
}

afterAll(() => {
  killLeftovers()
  for (const path of temporary) rmSync(path, { recursive: true, force: true })
})

describe('settings', () => {
  test.each(processes)(
    'the $role is given only settings that it uses, in their form',
    ({ role, workload }) => {
      const names = Object.keys(envOf(containerOf(workload)))
      const settings = readSettings()
      const useless = names.filter(
        (name) => !new RegExp(`${role}|all`).test(settings.get(name.replace(/_FILE$/, '')) ?? ''),
      )
      expect(useless).toEqual([])
    },
  )

  test.each(processes)('the $role listens where its probes ask', ({ role, workload }) => {
    const container = containerOf(workload)
    expect(config(role)).toMatchObject({ host: '0.0.0.0', port: container.ports[0]?.containerPort })
    expect(container.command).toEqual(['node', `dist/apps/${role}/main.js`])
    expect(container.livenessProbe.httpGet?.path).toBe('/healthz')
    // While Redis is away webhooks must go on coming to the ingress.
    expect(container.readinessProbe.httpGet?.path).toBe(role === 'ingress' ? '/healthz' : '/readyz')
  })

  test('they end in the time that Kubernetes gives them', () => {
    const { SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT } = envOf(containerOf(ingress))
    const wait = containerOf(ingress).lifecycle?.preStop.exec.command.at(-1)
    const needed = Number(wait) + Number(SHUTDOWN_DELAY) + Number(SHUTDOWN_TIMEOUT)
    expect(podOf(ingress).terminationGracePeriodSeconds).toBeGreaterThan(needed)
    const settings = config('worker')
    expect(podOf(worker).terminationGracePeriodSeconds * 1000).toBeGreaterThan(settings.shutdownTimeoutMs)
    expect(settings.shutdownTimeoutMs).toBeGreaterThan(settings.handlerTimeoutMs)
  })

  test('the journal lies on the volume, and never fills it', () => {
    const { journalDir, journalMaxBytes } = config('ingress')
    const mount = containerOf(ingress).volumeMounts.find(({ mountPath }) =>
      journalDir.startsWith(`${mountPath}/`),
    )
    const claim = ingress.spec.volumeClaimTemplates?.find(({ metadata }) => metadata.name === mount?.name)
    expect(claim?.spec.resources.requests['storage']).toBe('1Gi')
    expect(journalMaxBytes).toBeLessThan(0.6 * 1024 ** 3)
    expect(ingress.spec['persistentVolumeClaimRetentionPolicy']).toEqual({
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    })
    expect(containerOf(ingress).lifecycle?.preStop.exec.command[2]).toBe(journalDir)
  })
})

describe('the console', () => {
  const container = containerOf(consoleProcess)
  const env = envOf(container)

  test('is given its own settings, listens where its probes ask and has time to end', () => {
    const readFile = (path: string) => {
      if (path === '/run/secrets/redis/url') return testRedisUrl()
      if (path === '/run/secrets/console/password') return 'value-of-password'
      throw Object.assign(new Error(path), { code: 'ENOENT' })
    }
    const settings = loadConfig({ role: 'console', env, cwd: '/app', readFile })
    expect(settings).toMatchObject({ host: '0.0.0.0', password: 'value-of-password', warnings: [] })
    expect(container.ports[0]?.containerPort).toBe(settings.port)
    expect(container.command).toEqual(['node', 'dist/apps/console/main.js'])
    expect(container.readinessProbe.httpGet?.path).toBe('/readyz')
    expect(podOf(consoleProcess).terminationGracePeriodSeconds * 1000).toBeGreaterThan(
      settings.shutdownTimeoutMs,
    )
    const known = readSettings()
    const useless = Object.keys(env).filter(
      (name) => !/console|all/.test(known.get(name.replace(/_FILE$/, '')) ?? ''),
    )
    expect(useless).toEqual([])
  })

  test('gets no secret of a bot, and no config file', () => {
    const sources = podOf(consoleProcess).volumes.map(
      ({ secret, configMap }) => secret?.secretName ?? configMap,
    )
    expect(sources).toEqual(['hookline-console', 'hookline-redis'])
    expect(Object.keys(secretNamed('hookline-console'))).toEqual(['password'])
  })
})

type Texts = Record<string, string>
type Role = 'ingress' | 'worker'

/** A LINE worker with a long-lived token has no use for the channel secret, but the file must be there. */
const onlyLookedFor = 'shop-channel-secret'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** As an operator would fill them in. */
function filled(key: string, role: Role): string {
  if (key === 'url') return testRedisUrl()
  if (role === 'worker' && key === onlyLookedFor) return ''
  return key.endsWith('private-key') ? privateKey : `value-of-${key}`
}

const exampleConfig = readFileSync(join(folder, 'overlays/example/hookline.config.yaml'), 'utf8')
const filledConfig = exampleConfig.replace(
  /^( +(?:botId|clientId|serviceAccount|botUser):)$/gm,
  '$1 filled-in',
)

/** The files that a pod's mounts bring: path to text. */
function filesIn(pod: PodSpec, configText: string, valueOf: (key: string) => string): Texts {
  const [container] = pod.containers
  const files = pod.volumes.flatMap(({ name, secret, configMap }) => {
    const mountPath = container?.volumeMounts.find((mount) => mount.name === name)?.mountPath ?? ''
    if (configMap?.name === 'hookline-config') return [[mountPath, configText]]
    return secret ? keysOf(secret).map((key) => [`${mountPath}/${key}`, valueOf(key)]) : []
  })
  return Object.fromEntries(files) as Texts
}

function config<R extends Role>(
  role: R,
  valueOf: (key: string, role: Role) => string = filled,
  configText = filledConfig,
) {
  const { workload } = processes.find((process) => process.role === role)!
  const files = filesIn(podOf(workload), configText, (key) => valueOf(key, role))
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return text
  }
  return loadConfig({ role, env: envOf(containerOf(workload)), cwd: '/app', readFile })
}

describe.each(processes)('secrets of the $role', ({ role, workload }) => {
  const secrets = podOf(workload).volumes.flatMap(({ secret }) => (secret ? [secret] : []))

  test('are enough, with nothing to complain about', () => {
    const { bots, warnings } = config(role)
    expect(bots.map(({ name }) => name)).toEqual(['helpdesk', 'shop', 'ops'])
    expect(warnings).toEqual([])
  })

  const needed = secrets.flatMap(keysOf).filter((key) => filled(key, role) !== '')
  test.each(needed)('it does not start without %s', (missing) => {
    expect(() => config(role, (key) => (key === missing ? '' : filled(key, role)))).toThrow(
      /empty|no credentials/,
    )
  })

  test('as placeholders they end the start, and all of them are named', () => {
    const asGiven = (key: string) =>
      secrets.map(({ secretName }) => secretNamed(secretName)[key]).find((value) => value !== undefined) ?? ''
    expect(secrets.flatMap(keysOf).map(asGiven).join('')).toBe('')
    const names =
      role === 'ingress' ? ['botSecret', 'channelSecret', 'signingSecret'] : ['clientSecret', 'privateKey']
    for (const name of ['REDIS_URL', 'helpdesk.botId', ...names])
      expect(() => config(role, asGiven, exampleConfig)).toThrow(name)
  })

  test('are none of the other process', () => {
    const own = secrets.map(({ secretName }) => secretName).sort()
    expect(own).toEqual([`hookline-${role}`, 'hookline-redis'].sort())
    const other = secretNamed(role === 'ingress' ? 'hookline-worker' : 'hookline-ingress')
    expect(needed.filter((key) => key in other)).toEqual(role === 'ingress' ? [onlyLookedFor] : [])
  })
})

/** Starts a process with the settings and files that its pod gets, below a folder instead of the root. */
async function startAsPod({ role, workload }: (typeof processes)[number], redisUrl: string, ready = true) {
  const place = temporaryFolder()
  const valueOf = (key: string) => (key === 'url' ? redisUrl : filled(key, role))
  for (const [path, text] of Object.entries(filesIn(podOf(workload), filledConfig, valueOf))) {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), text.replaceAll('/run/secrets/', `${place}/run/secrets/`))
  }
  symlinkSync(join(root, 'bots'), join(place, 'app/bots'))
  const env = Object.entries(envOf(containerOf(workload))).map(([name, value]) => [
    name,
    value.startsWith('/') ? place + value : value,
  ])
  const own = { HOST: '127.0.0.1', HOOKLINE_CONFIG: join(place, 'app/hookline.config.yaml') }
  const running = await startService(role, { ...(Object.fromEntries(env) as Texts), ...own }, ready)
  return { running, place }
}

test.each(processes)('the $role runs as in its pod, and answers its probes', async (process) => {
  const { running } = await startAsPod(process, testRedisUrl())
  const { startupProbe, readinessProbe, livenessProbe } = containerOf(process.workload)
  for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe])
    expect((await fetch(running.url + (httpGet?.path ?? ''))).status).toBe(200)
  expect((await fetch(`${running.url}/metrics`)).status).toBe(200)
  expect(running.output()).toContain('"bots":["helpdesk","shop","ops"]')
  await running.end('SIGKILL')
})

/** One message to the LINE bot, as LINE sends it. */
async function sendToShop(url: string): Promise<number> {
  const source = { type: 'user', userId: 'U1' }
  const event = { type: 'message', webhookEventId: 'E1', timestamp: 1, mode: 'active', source }
  const message = { type: 'text', id: '1', text: 'hello' }
  const body = JSON.stringify({ destination: 'U0', events: [{ ...event, message }] })
  const signature = createHmac('sha256', filled('shop-channel-secret', 'ingress'))
    .update(body)
    .digest('base64')
  const headers = { 'x-line-signature': signature }
  return (await fetch(`${url}/webhooks/shop`, { method: 'POST', body, headers })).status
}

describeWithRedisServer('while Redis is away', () => {
  let server: RedisServer
  beforeAll(async () => (server = await createRedisServer()))
  afterAll(() => server.remove())

  test('the ingress passes its probes, acknowledges, and preStop waits until its journal is empty', async () => {
    const [process] = processes
    const { running, place } = await startAsPod(process!, server.url, false)
    const { readinessProbe, livenessProbe, lifecycle } = containerOf(ingress)
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503)
    for (const { httpGet } of [readinessProbe, livenessProbe])
      expect((await fetch(running.url + (httpGet?.path ?? ''))).status).toBe(200)
    expect(await sendToShop(running.url)).toBe(200)

    const [, script = '', dir = '', seconds = ''] = lifecycle?.preStop.exec.command ?? []
    const journal = place + dir
    const left = () => readdirSync(journal).filter((name) => name.endsWith('.journal'))
    expect(left()).toHaveLength(1)
    const preStop = spawn('node', [join(folder, 'base', basename(script)), journal, seconds])
    const ended = once(preStop, 'exit')
    await server.start()
    expect(await ended).toEqual([0, null])
    expect(left()).toEqual([])
    expect(await server.redis.zcard('{hookline:shop}:lanes')).toBe(1)
    await running.end('SIGKILL')
  })
})

describe('wait-for-journal.mjs', () => {
  const script = join(folder, 'base/wait-for-journal.mjs')
  const run = (dir: string, seconds: string) =>
    spawnSync(process.execPath, [script, dir, seconds], { encoding: 'utf8' })

  test('ends at once when nothing is to be drained', () => {
    const dir = temporaryFolder()
    expect(run(join(dir, 'not-there'), '600').status).toBe(0)
    for (const name of ['id', '20250101-00000001.damaged']) writeFileSync(join(dir, name), 'x')
    expect(run(dir, '600').status).toBe(0)
  })

  test.each(['journal', 'busy', 'ready'])(
    'says that a file in state %s is left when its time is up',
    (state) => {
      const dir = temporaryFolder()
      writeFileSync(join(dir, `20250101-00000001.${state}`), 'x')
      expect(run(dir, '0.3')).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('1 journal file(s)'),
      })
    },
  )
})
