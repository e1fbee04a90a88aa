import { generateKeyPairSync } from 'node:crypto'
import { redisUrlForms } from './redis-url'
import { loadConfig } from '#libs/config'
import type { HooklineError } from '#libs/contract'
import type { Role } from './setting'

const redis = { REDIS_URL: 'redis://127.0.0.1:6379' }
const line = { LINE_CHANNEL_SECRET: 'line-secret', LINE_CHANNEL_ACCESS_TOKEN: 'line-token' }
const tocaro = { TOCARO_ACCESS_TOKEN: 'tocaro-token', TOCARO_BOT_USER: 'usbot' }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const lineworks = {
  LINEWORKS_BOT_ID: '2000001',
  LINEWORKS_CLIENT_ID: 'client',
  LINEWORKS_CLIENT_SECRET: 'client-secret',
  LINEWORKS_SERVICE_ACCOUNT: 'a.serviceaccount@example.com',
  LINEWORKS_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
}

function load<R extends Role>(role: R, env: Record<string, string>, files: Record<string, string> = {}) {
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  }
  return loadConfig({ role, env, cwd: '/app', readFile })
}

function problems(role: Role, env: Record<string, string>, files: Record<string, string> = {}): string[] {
  try {
    load(role, env, files)
  } catch (error) {
    expect((error as HooklineError).code).toBe('config_invalid')
    return (error as HooklineError).message.split('\n').slice(1)
  }
  return []
}

describe('problems in the environment', () => {
  test('are all reported at once', () => {
    const env = {
      LINE_CHANNEL_SECRET: 's',
      LINE_REPLY_FALLBACK: 'shout',
      WORKER_PORT: '3003abc',
      LOG_LEVEL: 'loud',
    }
    expect(problems('worker', env)).toEqual([
      '  - REDIS_URL is missing. Set REDIS_URL, e.g. redis://127.0.0.1:6379, or run `hookline dev`, which starts a Redis of its own.',
      '  - WORKER_PORT must be a whole number from 0 to 65535, not "3003abc". Example: 3003.',
      '  - LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud". Example: info.',
      '  - LINE_REPLY_FALLBACK must be one of push, park, not "shout". Example: park.',
      '  - bots.line has no credentials to send with. Give one of: LINE_CHANNEL_ACCESS_TOKEN; LINE_CHANNEL_ID + LINE_CHANNEL_SECRET; LINE_CHANNEL_ID + LINE_ASSERTION_KEY + LINE_ASSERTION_KID.',
    ])
  })

  test('say where they come from and how many they are', () => {
    expect(() => load('ingress', line)).toThrow(/^Settings \(from environment\): 1 problem\n/)
    expect(() => load('ingress', {})).toThrow(/^Settings \(from environment\): 2 problems\n/)
  })

  test.each([
    [
      'ingress',
      { LINE_CHANNEL_ACCESS_TOKEN: 't' },
      'LINE_CHANNEL_SECRET is missing. Set LINE_CHANNEL_SECRET (or LINE_CHANNEL_SECRET_FILE): Channel secret of the Messaging API channel (LINE Developers Console, Basic settings).',
    ],
    [
      'ingress',
      { LINE_CHANNEL_SECRET: ' , ' },
      'LINE_CHANNEL_SECRET is empty. Give it again: Channel secret of the Messaging API channel (LINE Developers Console, Basic settings).',
    ],
    [
      'ingress',
      { TOCARO_ACCESS_TOKEN: 't' },
      'TOCARO_SIGNING_SECRET is missing. Set TOCARO_SIGNING_SECRET (or TOCARO_SIGNING_SECRET_FILE): Signing Secret that Tocaro issued for the Event API.',
    ],
    [
      'ingress',
      { LINEWORKS_BOT_SECRET: 's', LINEWORKS_BOT_ID: '' },
      'LINEWORKS_BOT_ID is empty. Set LINEWORKS_BOT_ID: Bot ID (LINE WORKS Developer Console, Bot).',
    ],
    [
      'worker',
      { TOCARO_SIGNING_SECRET: 's' },
      'bots.tocaro has no credentials to send with. Give one of: TOCARO_ACCESS_TOKEN; TOCARO_WEBHOOK_URL.',
    ],
    [
      'ingress',
      { ...line, LINE_CHANNEL_SECRET_FILE: '/s' },
      'LINE_CHANNEL_SECRET and LINE_CHANNEL_SECRET_FILE are both set. Keep one of them.',
    ],
    [
      'ingress',
      { LINE_CHANNEL_SECRET_FILE: '/none' },
      "LINE_CHANNEL_SECRET_FILE names a file that can't be read (ENOENT). Give the path of a readable file.",
    ],
    [
      'ingress',
      { LINE_CHANNEL_SECRET_FILE: '/empty' },
      'LINE_CHANNEL_SECRET_FILE is empty. Set LINE_CHANNEL_SECRET (or LINE_CHANNEL_SECRET_FILE): Channel secret of the Messaging API channel (LINE Developers Console, Basic settings).',
    ],
    [
      'worker',
      { LINE_CHANNEL_ACCESS_TOKEN: 'a b' },
      'LINE_CHANNEL_ACCESS_TOKEN has a blank or a line break in it. Give it again: Long-lived channel access token (LINE Developers Console, Messaging API settings).',
    ],
    [
      'worker',
      { LINE_CHANNEL_ACCESS_TOKEN: '"ab"' },
      'LINE_CHANNEL_ACCESS_TOKEN has quotation marks around it. Give it again: Long-lived channel access token (LINE Developers Console, Messaging API settings).',
    ],
    [
      'worker',
      { ...lineworks, LINEWORKS_PRIVATE_KEY: 'key' },
      'LINEWORKS_PRIVATE_KEY has 3 characters and no -----BEGIN line. Give the PEM file that the console issued, from "-----BEGIN PRIVATE KEY-----" to its END line. Give it again: Private key of the service account: the PEM file downloaded from the Developer Console.',
    ],
    ['worker', { ...lineworks, LINEWORKS_SCOPE: ' ' }, 'LINEWORKS_SCOPE is blank, not " ". Example: bot.'],
    [
      'worker',
      { TOCARO_WEBHOOK_URL: 'hooks.example.com/key' },
      'TOCARO_WEBHOOK_URL must be an http(s) URL, or in the config file a map from group code to URL. Give it again: URL of a Tocaro inbound webhook, used when there is no access token.',
    ],
    [
      'worker',
      { ...tocaro, TOCARO_POST_PATH: 'groups' },
      'TOCARO_POST_PATH must start with "/", not "groups". Example: /groups/{group}/messages.',
    ],
    [
      'worker',
      { ...tocaro, TOCARO_POST_PATH: '/groups' },
      'TOCARO_POST_PATH must have {group} in it, where the group code goes, not "/groups". Example: /groups/{group}/messages.',
    ],
    [
      'worker',
      { ...line, LINE_API_BASE_URL: 'api.line.me' },
      'LINE_API_BASE_URL must be a URL that starts with http:// or https://, not "api.line.me". Example: https://api.line.me.',
    ],
    [
      'worker',
      { ...line, LINE_API_BASE_URL: 'https://me:pass@h' },
      'LINE_API_BASE_URL must not have a user name or password in it, not "https://…@h". Example: https://api.line.me.',
    ],
    [
      'worker',
      { ...line, LINE_API_BASE_URL: 'https://h/?key=k' },
      'LINE_API_BASE_URL must not have a "?" or "#" part, not "https://h/?…". Example: https://api.line.me.',
    ],
    [
      'ingress',
      { ...line, HOST: 'a b' },
      'HOST has a blank or a line break in it, not "a b". Example: 0.0.0.0.',
    ],
    [
      'ingress',
      { ...line, HOOKLINE_CONFIG: 'my.yaml' },
      "HOOKLINE_CONFIG names /app/my.yaml, which can't be read (ENOENT). Give the path of a readable file, or remove HOOKLINE_CONFIG to configure bots by environment variables.",
    ],
  ] as [Role, Record<string, string>, string][])('for the %s with %j', (role, env, problem) => {
    expect(problems(role, { ...redis, ...env }, { '/empty': '\n' })).toEqual([`  - ${problem}`])
  })

  test.each([
    ['http://h', `must have one of the forms ${redisUrlForms}`],
    ['127.0.0.1:6379', 'is not a URL'],
    ['redis://', 'names no host'],
    ['redis://h:6379/zero', 'has a path that is not a database number'],
    ['redis://a:26379,b:26379', 'names several servers: begin it with redis+sentinel:// or redis+cluster://'],
    [
      'redis+sentinel://a:26379,b:26379',
      'lacks the name that the Sentinels have for the primary: …:26379/mymaster',
    ],
    ['redis+cluster://a:7000/1', 'names a database, but a Redis Cluster has only number 0'],
  ])('for REDIS_URL %s', (url, what) => {
    expect(problems('ingress', { ...line, REDIS_URL: url })).toEqual([
      `  - REDIS_URL ${what}. Example: redis://127.0.0.1:6379.`,
    ])
  })

  test.each(['3000abc', '0x10', '1e3', '-1', '65536', '3.5', ' 3000', 'NaN', '٣'])(
    'for the port %j',
    (port) => {
      expect(problems('ingress', { ...redis, ...line, INGRESS_PORT: port })).toEqual([
        `  - INGRESS_PORT must be a whole number from 0 to 65535, not ${JSON.stringify(port)}. Example: 3000.`,
      ])
    },
  )

  test('list what to set when no bot is configured, for the ingress', () => {
    expect(problems('ingress', redis).join('\n')).toBe(
      [
        '  - bots are missing: no bot is configured. Write hookline.config.yaml, or set the variables of a platform:',
        '      LINE: LINE_CHANNEL_SECRET',
        '      LINE WORKS: LINEWORKS_BOT_ID, LINEWORKS_BOT_SECRET',
        '      Tocaro: TOCARO_SIGNING_SECRET',
        '    To try Hookline without an account, run `hookline dev`.',
      ].join('\n'),
    )
  })

  test('list what to set when no bot is configured, for the worker', () => {
    expect(problems('worker', redis)).toEqual(
      expect.arrayContaining([
        '      LINE: LINE_CHANNEL_ACCESS_TOKEN, or LINE_CHANNEL_ID + LINE_CHANNEL_SECRET, or LINE_CHANNEL_ID + LINE_ASSERTION_KEY + LINE_ASSERTION_KID',
        '      LINE WORKS: LINEWORKS_BOT_ID, LINEWORKS_CLIENT_ID, LINEWORKS_CLIENT_SECRET, LINEWORKS_SERVICE_ACCOUNT, LINEWORKS_PRIVATE_KEY',
        '      Tocaro: TOCARO_ACCESS_TOKEN, or TOCARO_WEBHOOK_URL',
      ]),
    )
  })

  test('name a shared setting once, however many bots use it', () => {
    expect(problems('worker', { ...redis, ...line, ...lineworks, ...tocaro, HOOKLINE_BOT: ' ' })).toEqual([
      '  - HOOKLINE_BOT is blank, not " ". Example: ./bots/echo.ts.',
    ])
  })
})
