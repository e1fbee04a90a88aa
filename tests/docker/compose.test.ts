import { cpSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { PlatformName } from '#libs/contract'
import { logIn } from '../support/console-client'
import { eventually } from '../support/eventually'
import { composeCommand, describeWithDocker, docker, freshCopy, must, run } from './docker'

const project = 'hookline-docker-test'
const platforms: PlatformName[] = ['line', 'lineworks', 'tocaro']

/** Never the ports of .env.example: something of the developer may run there. */
function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(String(typeof address === 'object' && address ? address.port : 0)))
    })
  })
}

let clone = ''
const ports = { INGRESS_PORT: '', EMULATOR_PORT: '', CONSOLE_PORT: '' }

/** `docker compose …` in the fresh copy, with its unedited .env; only the ports of this machine differ. */
function compose(args: string[], input?: string): Promise<string> {
  const [program = '', ...first] = composeCommand() ?? []
  const options = { cwd: clone, env: { ...ports, COMPOSE_PROJECT_NAME: project } }
  return must(program, [...first, ...args], input === undefined ? options : { ...options, input })
}

const idsOf = async (service: string) =>
  (await compose(['ps', '-a', '-q', service])).split('\n').filter((id) => id !== '')
const idOf = async (service: string) => (await idsOf(service))[0] ?? ''

interface State {
  Status: string
  Health?: { Status: string }
}

const stateOf = async (id: string) =>
  JSON.parse(await docker('inspect', '--format', '{{json .State}}', id)) as State

async function untilHealthy(): Promise<void> {
  const ids = (await Promise.all(['redis', 'ingress', 'worker', 'console', 'emulator'].map(idsOf))).flat()
  expect(ids).toHaveLength(7)
  await eventually(async () => {
    for (const state of await Promise.all(ids.map(stateOf))) expect(state.Health?.Status).toBe('healthy')
  }, 120_000)
}

async function emulator(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${ports.EMULATOR_PORT}/__emulator${path}`, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(30_000),
  })
  return response.json()
}

interface Entry {
  kind: string
  platform: PlatformName
  messages?: { text?: string; content?: { text?: string } }[]
}

/** How often the platforms got each text. */
async function received(): Promise<Map<string, number>> {
  const { entries } = (await emulator('/ledger')) as { entries: Entry[] }
  const counts = new Map<string, number>()
  for (const { kind, messages = [] } of entries) {
    if (kind !== 'message') continue
    for (const message of messages) {
      const text = message.text ?? message.content?.text ?? ''
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }
  }
  return counts
}

/** People who talk, each at their own pace, until they are told to stop. What the ingress acknowledged is noted. */
function startTalking() {
  const acked: string[] = []
  let talking = true
  const talk = async (platform: PlatformName, user: string, pauseMs: number) => {
    for (let n = 1; talking; n++) {
      const text = `${platform} ${user} ${n}`
      const delivery = (await emulator('/say', { platform, user, text })) as { delivered: boolean }
      if (delivery.delivered) acked.push(text)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  // Tocaro's pace is one post a second, LINE WORKS' four: the settings of .env.example stay as they are.
  const everybody = [
    ...Array.from({ length: 6 }, (_, i) => talk('line', `u${i}`, 100)),
    ...Array.from({ length: 2 }, (_, i) => talk('lineworks', `u${i}`, 1000)),
    talk('tocaro', 'u0', 2000),
  ]
  const stop = async () => {
    talking = false
    await Promise.all(everybody)
  }
  const more = async (count: number) => {
    const goal = acked.length + count
    await eventually(() => expect(acked.length).toBeGreaterThanOrEqual(goal), 60_000)
  }
  return { acked, more, stop }
}

describeWithDocker('docker compose, from a fresh clone and its unedited .env.example', () => {
  beforeAll(async () => {
    clone = await freshCopy()
    cpSync(join(clone, '.env.example'), join(clone, '.env'))
    ports.INGRESS_PORT = await freePort()
    ports.EMULATOR_PORT = await freePort()
    ports.CONSOLE_PORT = await freePort()
    await compose(['--profile', 'dev', 'build'])
    await compose(['--profile', 'dev', 'up', '-d', '--scale', 'worker=3'])
  }, 600_000)

  afterAll(async () => {
    await compose(['--profile', 'dev', 'down', '-v', '--remove-orphans'])
    rmSync(clone, { recursive: true, force: true })
  }, 120_000)

  test('becomes healthy with three workers', () => untilHealthy())

  test.each(['emulator', 'worker', 'ingress'])(
    'echoes a typed line on each platform, in the %s',
    async (service) => {
      const out = await compose(['exec', '-T', service, 'hookline', 'chat'], `こんにちは from ${service}\n`)
      for (const platform of platforms) expect(out).toContain(`${platform}> こんにちは from ${service}`)
    },
  )

  test('publishes ingress, console and emulator on this machine only, and Redis not at all', async () => {
    const bindings = async (service: string) =>
      JSON.parse(
        await docker('inspect', '--format', '{{json .HostConfig.PortBindings}}', await idOf(service)),
      ) as object
    expect(await bindings('redis')).toEqual({})
    expect(await bindings('worker')).toEqual({})
    expect(await bindings('ingress')).toEqual({
      '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: ports.INGRESS_PORT }],
    })
    expect(await bindings('console')).toEqual({
      '3001/tcp': [{ HostIp: '127.0.0.1', HostPort: ports.CONSOLE_PORT }],
    })
    expect(await bindings('emulator')).toEqual({
      '3002/tcp': [{ HostIp: '127.0.0.1', HostPort: ports.EMULATOR_PORT }],
    })
  })

  test('lets the CLI look into Redis', async () => {
    const out = await compose(['exec', '-T', 'worker', 'hookline', 'dead-letters', 'list'])
    expect(out).toContain('There are no dead letters.')
  })

  test('lets in who has the password that the console generated, printed once, and shows the bots', async () => {
    const url = `http://127.0.0.1:${ports.CONSOLE_PORT}`
    expect((await fetch(`${url}/api/overview`)).status).toBe(401)
    const logs = await compose(['logs', '--no-color', 'console'])
    const passwords = [...logs.matchAll(/shown only this once: (\S+)/g)].map(([, password = '']) => password)
    expect(passwords).toHaveLength(1)
    const client = await logIn(url, 'operator', passwords[0] ?? '')
    const page = await (await client.get('/')).text()
    const script = /<script[^>]* src="([^"]+)"/.exec(page)?.[1] ?? ''
    expect((await client.get(script)).headers.get('content-type')).toContain('javascript')
    await eventually(async () => {
      const { bots } = (await (await client.get('/api/overview')).json()) as { bots: { bot: string }[] }
      expect(bots.map(({ bot }) => bot).sort()).toEqual([...platforms].sort())
    })
  })

  test('gives the console nothing of the bots', async () => {
    const names = (await compose(['exec', '-T', 'console', 'env']))
      .split('\n')
      .map((line) => line.split('=')[0] ?? '')
    expect(names).toContain('REDIS_URL')
    expect(
      names.filter((name) => /^(LINE|LINEWORKS|TOCARO|EMULATOR|HOOKLINE_(BOT|CONFIG|API))/.test(name)),
    ).toEqual([])
    const folders = await compose(['exec', '-T', 'console', 'ls', '/run/secrets'])
    expect(folders.trim()).toBe('console')
  })

  test('serves the emulator’s page', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.EMULATOR_PORT}/`)
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await answer.text()).toContain('<script')
  })

  test('gives the ingress no variable of the worker, and warns of the example accounts', async () => {
    const names = (await compose(['exec', '-T', 'ingress', 'env']))
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names).toContain('REDIS_URL')
    expect(names).not.toContain('LINE_REPLY_FALLBACK')
    expect(names.filter((name) => /TOKEN|PRIVATE|CLIENT/.test(name ?? ''))).toEqual([])
    for (const service of ['ingress', 'worker'])
      expect(await compose(['logs', service])).toContain('EXAMPLE ACCOUNTS are in use')
  })

  test('asks for Redis’ password, and the emulator does not reach it', async () => {
    const redis = await idOf('redis')
    const answer = await run('docker', ['exec', '-e', 'REDISCLI_AUTH=', redis, 'redis-cli', 'ping'])
    expect(answer.stdout).toContain('NOAUTH')
    const lookUp = "require('dns').lookup('redis', (error) => console.log(error ? error.code : 'found'))"
    expect(await compose(['exec', '-T', 'emulator', 'node', '-e', lookUp])).toMatch(/ENOTFOUND|EAI_AGAIN/)
    expect(await compose(['exec', '-T', 'worker', 'node', '-e', lookUp])).toContain('found')
  })

  test('loses nothing that was acknowledged when a worker and then Redis are killed under load', async () => {
    const talk = startTalking()
    await talk.more(100)
    const [victim = '', ...others] = await idsOf('worker')
    await docker('kill', '--signal', 'KILL', victim)
    await talk.more(100)

    // With the workers held, what was acknowledged is in Redis and nowhere else.
    await docker('pause', ...others)
    await talk.more(60)
    const redis = await idOf('redis')
    await docker('kill', '--signal', 'KILL', redis)
    // Acknowledged without Redis: the journal has them.
    await talk.more(60)
    expect((await stateOf(redis)).Status).toBe('exited')
    await docker('start', redis)
    await docker('unpause', ...others)
    await talk.more(100)
    await talk.stop()

    const { acked } = talk
    const counts = await eventually(async () => {
      const now = await received()
      expect(acked.filter((text) => !now.has(text))).toEqual([])
      return now
    }, 120_000)
    const twice = acked.filter((text) => (counts.get(text) ?? 0) > 1)
    // Only LINE has keys and single-use tokens by which a call can be repeated without being shown twice.
    expect(twice.filter((text) => text.startsWith('line '))).toEqual([])
    console.log(`acknowledged ${acked.length}, received ${acked.length}, lost 0, shown twice ${twice.length}`)
  })

  test('ends cleanly: every process by itself, and nothing stays but the volumes', async () => {
    const ids = (await Promise.all(['ingress', 'worker', 'console', 'emulator'].map(idsOf))).flat()
    await compose(['--profile', 'dev', 'stop'])
    const states = await Promise.all(
      ids.map((id) => docker('inspect', '--format', '{{.State.ExitCode}}', id)),
    )
    // 137 is the worker that was killed above.
    expect(states.map(Number).sort()).toEqual([0, 0, 0, 0, 0, 137].sort())
    await compose(['down'])
    const label = `label=com.docker.compose.project=${project}`
    expect(await docker('ps', '-aq', '--filter', label)).toBe('')
    expect(await docker('network', 'ls', '-q', '--filter', label)).toBe('')
    const volumes = (await docker('volume', 'ls', '-q', '--filter', label)).split('\n')
    expect(volumes).toEqual(expect.arrayContaining([`${project}_journal`, `${project}_redis-data`]))
  })
})
