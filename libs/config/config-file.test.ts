import { generateKeyPairSync } from 'node:crypto'
import { loadConfig } from '#libs/config'
import type { Role } from './setting'
import { exampleConfigFile } from './settings-doc-text'

const redis = { REDIS_URL: 'redis://127.0.0.1:6379' }
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

interface Given {
  env?: Record<string, string>
  files?: Record<string, string>
}

/** Loads with the text as /etc/hookline/bots.yaml, while the process works in /app. */
function load<R extends Role>(role: R, text: string, { env = {}, files = {} }: Given = {}) {
  const all: Record<string, string> = { '/etc/hookline/bots.yaml': text, ...files }
  const readFile = (path: string) => {
    const found = all[path]
    if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return found
  }
  return loadConfig({
    role,
    env: { ...redis, HOOKLINE_CONFIG: '/etc/hookline/bots.yaml', ...env },
    cwd: '/app',
    readFile,
  })
}

const shop = (...lines: string[]) =>
  ['bots:', '  shop:', '    platform: line', ...lines.map((l) => `    ${l}`), ''].join('\n')

describe('the example in the documentation', () => {
  const ingressEnv = {
    HELPDESK_SECRET: 'new',
    HELPDESK_SECRET_OLD: '',
    SHOP_SECRET: 'shop-secret',
    OPS_SECRET: 'ops-secret',
  }

  test('starts an ingress that has only the verification secrets', () => {
    const config = load('ingress', exampleConfigFile, { env: ingressEnv })
    expect(config.source).toBe('/etc/hookline/bots.yaml')
    expect(config.warnings).toEqual([])
    expect(config.bots).toEqual([
      { platform: 'lineworks', name: 'helpdesk', botId: '2000001', botSecret: ['new'], botName: '' },
      { platform: 'line', name: 'shop', channelSecret: ['shop-secret'] },
      {
        platform: 'tocaro',
        name: 'ops',
        signingSecret: ['ops-secret'],
        botUser: ['usopsbot1'],
        botName: '',
      },
    ])
  })

  test.each([
    ['limits: { perMinute: 60 }', 60],
    ['limits: { perMinute: "120" }', 120],
  ])('takes %s of a LINE WORKS bot', (line, perMinute) => {
    const text = exampleConfigFile.replace('privateKey:', `${line}\n    privateKey:`)
    const { bots } = load('worker', text, {
      env: {
        HELPDESK_CLIENT_ID: 'c',
        HELPDESK_CLIENT_SECRET: 'cs',
        SHOP_SECRET: 's',
        SHOP_TOKEN: 't',
        OPS_WEBHOOK_URL: 'https://h.example.com/k',
      },
      files: { '/run/secrets/helpdesk.pem': pem },
    })
    expect(bots[0]).toMatchObject({ limits: { perMinute } })
  })

  test('gives the worker its bots, with paths from the folder of the file', () => {
    const env = {
      HELPDESK_CLIENT_ID: 'c',
      HELPDESK_CLIENT_SECRET: 'cs',
      SHOP_SECRET: 's',
      SHOP_TOKEN: 't',
      OPS_WEBHOOK_URL: 'https://hooks.example.com/k',
    }
    const { bots } = load('worker', exampleConfigFile, { env, files: { '/run/secrets/helpdesk.pem': pem } })
    expect(bots).toMatchObject([
      {
        name: 'helpdesk',
        handler: '/etc/hookline/bots/helpdesk.ts',
        clientSecret: 'cs',
        privateKey: pem,
        scope: 'bot',
      },
      { name: 'shop', handler: '/etc/hookline/bots/shop.ts', channelAccessToken: 't', replyFallback: 'push' },
      {
        name: 'ops',
        handler: '/app/bots/echo.ts',
        webhookUrl: { grops0042: 'https://hooks.example.com/k' },
        botUser: ['usopsbot1'],
      },
    ])
  })

  test('lets the emulator start without any of the variables', () => {
    expect(load('emulator', exampleConfigFile).bots).toMatchObject([
      { name: 'helpdesk', botId: '2000001' },
      { name: 'shop', replyFallback: 'push' },
      { name: 'ops' },
    ])
  })
})

describe('the config file', () => {
  test('is read from its default place without being named', () => {
    const files: Record<string, string> = { '/app/hookline.config.yaml': shop('channelSecret: s') }
    const readFile = (path: string) => files[path] ?? ''
    const config = loadConfig({ role: 'ingress', env: redis, cwd: '/app', readFile })
    expect(config).toMatchObject({ source: '/app/hookline.config.yaml', bots: [{ name: 'shop' }] })
  })

  test('is an error when it is there and can not be read, named or not', () => {
    const readFile = () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' })
    }
    expect(() => loadConfig({ role: 'ingress', env: redis, cwd: '/app', readFile })).toThrow(
      "HOOKLINE_CONFIG (default) names /app/hookline.config.yaml, which can't be read (EACCES)",
    )
  })

  test('keeps text as it is written', () => {
    const text = shop('channelSecret: [0123, 1e3, yes, "a,b", 12345678901234567890]')
    expect(load('ingress', text).bots).toMatchObject([
      { channelSecret: ['0123', '1e3', 'yes', 'a,b', '12345678901234567890'] },
    ])
  })

  test('takes one text of several secrets apart like a variable', () => {
    expect(load('ingress', shop('channelSecret: new, old')).bots).toMatchObject([
      { channelSecret: ['new', 'old'] },
    ])
  })

  test('takes base URLs and the handler from the environment where a bot does not say, and nothing else', () => {
    const env = {
      LINE_API_BASE_URL: 'http://emulator:3002',
      HOOKLINE_BOT: './bots/shop.ts',
      LINE_REPLY_FALLBACK: 'push',
    }
    const text = shop('channelAccessToken: t', 'dataApiBaseUrl: http://mine/')
    expect(load('worker', text, { env }).bots).toMatchObject([
      {
        apiBaseUrl: 'http://emulator:3002',
        dataApiBaseUrl: 'http://mine',
        handler: '/app/bots/shop.ts',
        replyFallback: 'park',
      },
    ])
  })

  test('warns of credentials in the environment that the file does not use', () => {
    const env = { LINE_CHANNEL_SECRET: 's', LINE_CHANNEL_ACCESS_TOKEN_FILE: '/t', TOCARO_ACCESS_TOKEN: 'x' }
    expect(load('ingress', shop('channelSecret: ${LINE_CHANNEL_SECRET}'), { env }).warnings).toEqual([
      'LINE_CHANNEL_ACCESS_TOKEN_FILE, TOCARO_ACCESS_TOKEN: set but not used, because the bots come from /etc/hookline/bots.yaml.',
    ])
  })

  test('makes the variables that it uses known', () => {
    const given = { env: { LINE_CHANNEL_SECRET2: 's' } }
    expect(load('ingress', shop('channelSecret: ${LINE_CHANNEL_SECRET2}'), given).warnings).toEqual([])
    expect(load('ingress', shop('channelSecret: s'), given).warnings).toHaveLength(1)
  })

  test('fills in what a variable holds without reading it as YAML or as a reference', () => {
    const env = { TRICKY: 'x"], platform: tocaro, y: [${HOME}', HOME: '/root' }
    const [bot] = load('emulator', shop('channelId: ${TRICKY}', 'channelSecret: [s]'), {
      env: { ...env, TRICKY: 'a:#${HOME}' },
    }).bots
    expect(bot).toMatchObject({ platform: 'line', channelId: 'a:#${HOME}' })
    expect(() => load('worker', shop('channelAccessToken: ${TRICKY}'), { env })).toThrow(
      'bots.shop.channelAccessToken has a blank or a line break in it',
    )
  })
})
