import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
// The tables themselves: what a process may be given is decided there.
import { platformNames, settingsOf } from '../libs/config/platforms'
import { processSettings } from '../libs/config/process-settings'
import type { ProcessSetting, Setting } from '../libs/config/setting'

interface Service {
  image: string
  build?: object
  profiles?: string[]
  container_name?: string
  command?: string[]
  environment?: Record<string, string | null>
  env_file?: unknown
  ports?: string[]
  networks?: string[]
  volumes?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  stop_grace_period?: string
  restart?: string
  read_only?: boolean
  privileged?: boolean
  cap_add?: string[]
  cap_drop?: string[]
  security_opt?: string[]
  mem_limit?: string
  cpus?: number
  pids_limit?: number
  logging?: { driver: string; options: Record<string, string> }
}

interface Compose {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
  volumes: Record<string, object>
}

const root = join(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const service = (name: string) => compose.services[name] ?? { image: '' }

/** `NAME`, and for a secret `NAME_FILE`. */
const formsOf = ({ env, secret }: Setting) => (secret ? [env, `${env}_FILE`] : [env])
const ofProcess = (role: 'ingress' | 'worker' | 'console') =>
  Object.values<ProcessSetting>(processSettings).filter((row) => row.roles.includes(role))
const ofBots = (role: 'ingress' | 'worker') =>
  platformNames.flatMap((platform) =>
    settingsOf(platform).flatMap(([, row]) => (row.usedBy === 'both' || row.usedBy === role ? [row] : [])),
  )
/** Fixed by the image or by the compose file, whatever .env says; the first two are read before all others. */
const decidedHere = [
  'HOST',
  'INGRESS_PORT',
  'WORKER_PORT',
  'CONSOLE_PORT',
  'HOOKLINE_JOURNAL_DIR',
  'REDIS_URL_FILE',
]
const neededFirst = ['HOOKLINE_CONFIG', 'EMULATOR_URL']

function expectedVariables(role: 'ingress' | 'worker'): string[] {
  const rows = [...ofProcess(role), ...ofBots(role)].flatMap(formsOf)
  return [...new Set([...rows, ...neededFirst])].filter((name) => !decidedHere.includes(name)).sort()
}

describe('every service', () => {
  test.each(services)('%s can do as little as it needs', (_name, options) => {
    expect(options).toMatchObject({ read_only: true, cap_drop: ['ALL'], restart: 'unless-stopped' })
    expect(options.security_opt).toEqual(['no-new-privileges:true'])
    expect(options).not.toHaveProperty('privileged')
    expect(options).not.toHaveProperty('cap_add')
    expect(options.volumes?.filter((volume) => volume.includes('docker.sock')) ?? []).toEqual([])
  })

  test.each(services)('%s has limits, and logs that end', (_name, options) => {
    expect(options.mem_limit).toMatch(/^\d+[mg]$/)
    expect(options.cpus).toBeGreaterThan(0)
    // More than the machine has is refused by the engine.
    expect(options.cpus).toBeLessThanOrEqual(1)
    expect(options.pids_limit).toBeGreaterThan(0)
    expect(options.logging?.options).toMatchObject({ 'max-size': expect.any(String) })
  })

  test.each(services)(
    '%s is published on this machine only, unless .env says otherwise',
    (_name, options) => {
      for (const port of options.ports ?? [])
        expect(port).toMatch(/^(127\.0\.0\.1|\$\{(INGRESS|CONSOLE)_ADDRESS:-127\.0\.0\.1\}):/)
    },
  )

  test.each(services)('%s names an image with a version', (_name, { image }) => {
    expect(image).toMatch(/:(local|v?\d)/)
  })
})

test('only old and new compose: no key that one of the two does not know', () => {
  const known = ['services', 'networks', 'volumes']
  expect(Object.keys(compose).filter((key) => !key.startsWith('x-') && !known.includes(key))).toEqual([])
  // 1.29 and v2 read these differently, or only one of them reads them.
  for (const [, options] of services)
    for (const key of ['deploy', 'develop', 'secrets', 'pull_policy', 'env_file'])
      expect(options).not.toHaveProperty(key)
})

describe('redis', () => {
  const { command = [], ...redis } = service('redis')
  const option = (name: string) => command[command.indexOf(`--${name}`) + 1]

  test('keeps everything and never evicts', () => {
    expect(option('appendonly')).toBe('yes')
    expect(option('appendfsync')).toBe('everysec')
    expect(option('maxmemory-policy')).toBe('noeviction')
    expect(option('maxmemory')).toMatch(/^\d+mb$/)
    expect(redis.volumes).toEqual(['redis-data:/data'])
  })

  test('asks for a password and is reached by ingress, worker and console alone', () => {
    expect(option('requirepass')).toMatch(/^\$\{REDIS_PASSWORD:\?/)
    expect(redis).not.toHaveProperty('ports')
    expect(redis.networks).toEqual(['data'])
    expect(compose.networks['data']).toEqual({ internal: true })
    const users = services.filter(([, { networks }]) => networks?.includes('data')).map(([name]) => name)
    expect(users).toEqual(['redis', 'ingress', 'worker', 'console'])
  })

  test('that is dead does not keep an ingress from starting', () => {
    expect(service('ingress').depends_on).toEqual({ redis: { condition: 'service_started' } })
  })
})

describe('what a process is given', () => {
  test.each(['ingress', 'worker'] as const)(
    '%s: the settings that it uses, all of them and no others',
    (name) => {
      const given = Object.keys(service(name).environment ?? {})
      const hint = 'after adding a setting, add it to docker-compose.yml too'
      expect({ hint, given: given.sort() }).toEqual({ hint, given: expectedVariables(name) })
    },
  )

  test('ingress: no secret that only the worker needs, as variable, as file or inside another value', () => {
    const ingress = ofBots('ingress').flatMap(formsOf)
    const workerOnly = ofBots('worker')
      .filter(({ secret }) => secret)
      .flatMap(formsOf)
      .filter((name) => !ingress.includes(name))
    expect(workerOnly).toContain('LINE_CHANNEL_ACCESS_TOKEN')
    const all = JSON.stringify(service('ingress'))
    expect(workerOnly.filter((name) => new RegExp(`\\b${name}\\b`).test(all))).toEqual([])
    expect(service('ingress').volumes).toEqual([
      'journal:/var/lib/hookline/journal',
      './config:/app/config:ro',
      './secrets/ingress:/run/secrets/ingress:ro',
    ])
  })

  test('console: its own settings, and nothing at all of the bots', () => {
    const { environment = {}, volumes } = service('console')
    const own = ofProcess('console').flatMap(formsOf)
    const expected = own.filter((name) => !decidedHere.includes(name)).sort()
    expect(Object.keys(environment).sort()).toEqual(expected)
    const bots = [...ofBots('ingress'), ...ofBots('worker')].flatMap(formsOf)
    expect(bots.filter((name) => name in environment)).toEqual([])
    expect(volumes).toEqual(['./secrets/console:/run/secrets/console:ro'])
  })

  test('each bot setting travels under its own name', () => {
    for (const name of ['ingress', 'worker', 'console'])
      for (const [variable, value] of Object.entries(service(name).environment ?? {}))
        if (variable !== 'REDIS_URL') expect({ variable, value }).toEqual({ variable, value: null })
  })

  test('the emulator gets no account at all', () => {
    expect(Object.keys(service('emulator').environment ?? {})).toEqual([
      'EMULATOR_URL',
      'INGRESS_URL',
      'LOG_LEVEL',
    ])
  })
})

test('workers can be many', () => {
  expect(service('worker')).not.toHaveProperty('container_name')
  expect(service('worker')).not.toHaveProperty('ports')
})

test('processes have longer to end than they take', () => {
  const timeout = Number(processSettings.shutdownTimeoutMs.default)
  for (const name of ['ingress', 'worker', 'console', 'emulator'])
    expect(Number.parseInt(service(name).stop_grace_period ?? '', 10)).toBeGreaterThan(timeout)
})

test('the emulator runs in the profile dev only', () => {
  expect(service('emulator').profiles).toEqual(['dev'])
  const always = services.filter(([, { profiles }]) => !profiles).map(([name]) => name)
  expect(always).toEqual(['redis', 'ingress', 'worker', 'console'])
})

describe('deploy/Dockerfile', () => {
  const lines = read('deploy/Dockerfile').split('\n')
  const all = (word: string) => lines.filter((line) => line.startsWith(`${word} `))

  test('is made of one base and the lock file', () => {
    expect(new Set(all('FROM').map((line) => line.split(' ')[1]))).toEqual(new Set(['node:24-bookworm-slim']))
    for (const line of all('RUN').filter((run) => /"npm"/.test(run)))
      expect(line).toMatch(/^RUN \["npm", "ci", /)
    expect(all('RUN').filter((line) => line.includes('--omit=dev'))).toHaveLength(1)
  })

  test('needs no BuildKit and no shell', () => {
    for (const word of ['RUN', 'CMD', 'ENTRYPOINT'])
      for (const line of all(word)) expect(line).toMatch(/^[A-Z]+ \["/)
    expect(lines.filter((line) => /<<|--mount|--link|--chmod|^# syntax/.test(line))).toEqual([])
    expect(all('HEALTHCHECK').join()).toMatch(/CMD \["node", /)
    expect(all('ADD')).toEqual([])
  })

  test('ends without root and without secrets', () => {
    expect(all('USER')).toEqual(['USER 1000:1000'])
    expect(all('ARG').join()).toBe('ARG VERSION=0.1.0,ARG REVISION=unknown')
  })

  test('has the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string }
    expect(all('ARG')).toContain(`ARG VERSION=${version}`)
  })
})

test('.dockerignore lets through only what is named', () => {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(rules[0]).toBe('*')
  const allowed = rules.filter((rule) => rule.startsWith('!'))
  expect(allowed.filter((rule) => /env|secret|\.git/.test(rule))).toEqual([])
})
