import { createPublicKey } from 'node:crypto'
import { loadConfig } from '#libs/config'
import { exampleAccounts } from './example-accounts'

const base = { REDIS_URL: 'redis://127.0.0.1:6379', EMULATOR_URL: 'http://emulator:3002/' }
const noFile = () => {
  throw Object.assign(new Error('not there'), { code: 'ENOENT' })
}

function load(role: 'ingress' | 'worker' | 'emulator', env: Record<string, string>, readFile = noFile) {
  return loadConfig({ role, env: { ...base, ...env }, cwd: '/app', readFile })
}

const namesOf = (config: { bots: { name: string }[] }) => config.bots.map(({ name }) => name)

describe('EMULATOR_URL without a bot of one’s own', () => {
  test('makes one example bot per platform, in the three processes alike', () => {
    for (const role of ['ingress', 'worker', 'emulator'] as const) {
      const config = load(role, {})
      expect(namesOf(config)).toEqual(['line', 'lineworks', 'tocaro'])
      expect(config.source).toBe('example accounts')
    }
  })

  test('sends every call of the worker to the emulator', () => {
    const urls = load('worker', {}).bots.flatMap((bot) =>
      Object.entries(bot).flatMap(([key, value]) =>
        key.endsWith('BaseUrl') && typeof value === 'string' ? [value] : [],
      ),
    )
    expect(urls).toHaveLength(5)
    for (const url of urls) expect(new URL(url).host).toBe('emulator:3002')
  })

  test('warns loudly in ingress and worker', () => {
    for (const role of ['ingress', 'worker'] as const)
      expect(load(role, {}).warnings[0]).toMatch(/^EXAMPLE ACCOUNTS are in use .*Not for production/)
  })

  test('has a key of which the emulator can make the public half', () => {
    expect(createPublicKey(exampleAccounts.LINEWORKS_PRIVATE_KEY).asymmetricKeyType).toBe('rsa')
  })
})

describe('a bot of one’s own', () => {
  const line = { LINE_CHANNEL_ID: '1', LINE_CHANNEL_SECRET: 'my-own-secret' }

  test('on one platform ends the example accounts of all platforms, at their real addresses', () => {
    expect(namesOf(load('ingress', line))).toEqual(['line'])
    const worker = load('worker', line)
    expect(worker.bots).toMatchObject([{ name: 'line', apiBaseUrl: 'https://api.line.me' }])
    expect(worker.warnings).toEqual([expect.stringMatching(/^EMULATOR_URL is set but not used/)])
  })

  test('of which only a part is set is an error, not a reason for example accounts', () => {
    expect(() => load('ingress', { LINEWORKS_BOT_ID: '5' })).toThrow('LINEWORKS_BOT_SECRET is missing')
  })

  test('in a config file ends them too', () => {
    const file = 'bots:\n  shop:\n    platform: line\n    channelSecret: s\n'
    expect(namesOf(load('ingress', {}, (() => file) as typeof noFile))).toEqual(['shop'])
  })
})

describe('example accounts are refused', () => {
  test('at the address of a real platform', () => {
    for (const EMULATOR_URL of ['https://api.line.me', 'https://www.worksapis.com', 'https://api.tocaro.im'])
      expect(() => load('worker', { EMULATOR_URL })).toThrow('EMULATOR_URL is the address of a real platform')
  })

  test('beside a base URL that leads elsewhere', () => {
    for (const role of ['ingress', 'worker'] as const)
      expect(() => load(role, { LINE_API_BASE_URL: 'https://api.line.me' })).toThrow(
        'LINE_API_BASE_URL is set beside EMULATOR_URL',
      )
    expect(namesOf(load('worker', { LINE_API_BASE_URL: '' }))).toHaveLength(3)
  })

  test('when EMULATOR_URL is no URL', () => {
    expect(() => load('ingress', { EMULATOR_URL: 'emulator' })).toThrow(/EMULATOR_URL/)
  })
})

test('without EMULATOR_URL there is no bot, and no start', () => {
  expect(() => load('ingress', { EMULATOR_URL: '' })).toThrow('no bot is configured')
})

test('the Redis password of .env.example is warned about', () => {
  const env = { LINE_CHANNEL_SECRET: 's', EMULATOR_URL: '' }
  const warned = load('ingress', { ...env, REDIS_URL: 'redis://:example-password-change-me@redis:6379' })
  expect(warned.warnings).toEqual([expect.stringMatching(/^Redis' password is the one of \.env\.example/)])
  expect(load('ingress', { ...env, REDIS_URL: 'redis://:my-own@redis:6379' }).warnings).toEqual([])
})
