import { generateKeyPairSync } from 'node:crypto'
import { loadConfig } from '#libs/config'
import type { Role } from './setting'

const redis = { REDIS_URL: 'redis://127.0.0.1:6379' }
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})

const line = { LINE_CHANNEL_SECRET: 'line-secret', LINE_CHANNEL_ACCESS_TOKEN: 'line-token' }
const lineworks = {
  LINEWORKS_BOT_ID: '2000001',
  LINEWORKS_BOT_SECRET: 'works-secret',
  LINEWORKS_CLIENT_ID: 'client',
  LINEWORKS_CLIENT_SECRET: 'client-secret',
  LINEWORKS_SERVICE_ACCOUNT: 'a.serviceaccount@example.com',
  LINEWORKS_PRIVATE_KEY: pem.toString(),
}
const tocaro = {
  TOCARO_SIGNING_SECRET: 'tocaro-secret',
  TOCARO_ACCESS_TOKEN: 'tocaro-token',
  TOCARO_BOT_USER: 'usbot',
}

function load<R extends Role>(role: R, env: Record<string, string>, files: Record<string, string> = {}) {
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  }
  return loadConfig({ role, env, cwd: '/app', readFile })
}

describe('loadConfig from the environment', () => {
  test('gives the ingress verification settings only', () => {
    const config = load('ingress', { ...redis, ...line, ...lineworks, ...tocaro })
    expect(config).toEqual({
      role: 'ingress',
      source: 'environment',
      redisUrl: 'redis://127.0.0.1:6379',
      host: '127.0.0.1',
      port: 3000,
      logLevel: 'info',
      shutdownTimeoutMs: 25_000,
      otelSampler: 'parentbased_always_on',
      otelDisabled: false,
      shutdownDelayMs: 0,
      journalDir: '/app/.hookline/journal',
      journalMaxBytes: 512 * 1024 * 1024,
      redisMemoryShare: 80,
      redisWaitReplicas: 0,
      warnings: [],
      bots: [
        { platform: 'line', name: 'line', channelSecret: ['line-secret'] },
        {
          platform: 'lineworks',
          name: 'lineworks',
          botId: '2000001',
          botSecret: ['works-secret'],
          botName: '',
        },
        {
          platform: 'tocaro',
          name: 'tocaro',
          signingSecret: ['tocaro-secret'],
          botUser: ['usbot'],
          botName: '',
        },
      ],
    })
  })

  test('gives the worker what it sends with, and the defaults', () => {
    const config = load('worker', { ...redis, ...line, ...lineworks, ...tocaro })
    expect(config).toEqual({
      role: 'worker',
      source: 'environment',
      redisUrl: 'redis://127.0.0.1:6379',
      host: '127.0.0.1',
      port: 3003,
      logLevel: 'info',
      concurrency: 50,
      shutdownTimeoutMs: 25_000,
      otelSampler: 'parentbased_always_on',
      otelDisabled: false,
      handlerTimeoutMs: 30_000,
      retryAttempts: 12,
      retryMaxAgeMs: 86_400_000,
      timeline: 'metadata',
      timelineDays: 7,
      timelineItems: 10_000,
      warnings: [],
      bots: [
        {
          platform: 'line',
          name: 'line',
          handler: '/app/bots/echo.ts',
          channelSecret: ['line-secret'],
          channelAccessToken: 'line-token',
          replyFallback: 'park',
          apiBaseUrl: 'https://api.line.me',
          dataApiBaseUrl: 'https://api-data.line.me',
        },
        {
          platform: 'lineworks',
          name: 'lineworks',
          handler: '/app/bots/echo.ts',
          botId: '2000001',
          clientId: 'client',
          clientSecret: 'client-secret',
          serviceAccount: 'a.serviceaccount@example.com',
          privateKey: pem,
          scope: 'bot',
          limits: { perMinute: 240 },
          ambiguous: 'resend',
          apiBaseUrl: 'https://www.worksapis.com/v1.0',
          authBaseUrl: 'https://auth.worksmobile.com/oauth2/v2.0',
        },
        {
          platform: 'tocaro',
          name: 'tocaro',
          handler: '/app/bots/echo.ts',
          accessToken: 'tocaro-token',
          botUser: ['usbot'],
          limits: { perMinute: 60 },
          muteAfter: 5,
          ambiguous: 'resend',
          apiBaseUrl: 'https://api.tocaro.im',
          postPath: '/groups/{group}/messages',
        },
      ],
    })
  })

  test('reads the standard settings of OpenTelemetry', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc=, x-tenant = shop',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '.25',
    }
    expect(load('worker', { ...redis, ...line, ...env })).toMatchObject({
      otlpEndpoint: 'http://collector:4318',
      otlpHeaders: { authorization: 'Bearer abc=', 'x-tenant': 'shop' },
      otelSampler: 'parentbased_traceidratio',
      otelSamplerArg: '.25',
    })
  })

  test('takes the exact endpoint of traces as it is, and headers of their own', () => {
    const env = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/custom/',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=traces',
    }
    expect(load('worker', { ...redis, ...line, ...env })).toMatchObject({
      otlpTracesEndpoint: 'http://collector:4318/custom/',
      otlpTracesHeaders: { 'x-tenant': 'traces' },
    })
  })

  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

  test.each([
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'collector:4318',
      'must be a URL that starts with http:// or https://, not',
    ],
    [
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'collector',
      'must be a URL that starts with http:// or https://, not',
    ],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no name here', 'must be name=value pairs, separated by commas'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'a=%zz', 'has a "%" that encodes nothing'],
  ])('refuses %s=%s, and says what is wrong', (name, value, what) => {
    expect(() => load('worker', { ...redis, ...line, ...collector, [name]: value })).toThrow(
      `${name} ${what}`,
    )
  })

  test.each([
    ['OTEL_TRACES_SAMPLER', 'xray'],
    ['OTEL_TRACES_SAMPLER_ARG', 'endpoint=localhost:2000'],
    ['OTEL_SERVICE_NAME', ' '],
    ['OTEL_SDK_DISABLED', 'maybe'],
  ])('starts with %s=%s, which a platform may have set', (name, value) => {
    const config = load('worker', { ...redis, ...line, ...collector, [name]: value })
    expect(config).toMatchObject({ otlpEndpoint: 'http://collector:4318', otelDisabled: false })
  })

  test('disables traces with true in any case, and then no variable of OpenTelemetry matters', () => {
    const env = { OTEL_SDK_DISABLED: 'True', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }
    expect(load('worker', { ...redis, ...line, ...env })).toMatchObject({ otelDisabled: true })
  })

  test('takes no notice of the headers of traces that have no endpoint', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'no name here' }
    expect(load('worker', { ...redis, ...line, ...env }).otlpHeaders).toBeUndefined()
  })

  test('starts an ingress that has no outgoing credentials', () => {
    const { LINE_CHANNEL_SECRET } = line
    const { LINEWORKS_BOT_ID, LINEWORKS_BOT_SECRET } = lineworks
    const { TOCARO_SIGNING_SECRET } = tocaro
    const env = { LINE_CHANNEL_SECRET, LINEWORKS_BOT_ID, LINEWORKS_BOT_SECRET, TOCARO_SIGNING_SECRET }
    expect(load('ingress', { ...redis, ...env }).bots).toHaveLength(3)
  })

  test('starts a worker that has no verification secrets', () => {
    const { LINE_CHANNEL_ACCESS_TOKEN } = line
    const works = { ...lineworks, LINEWORKS_BOT_SECRET: '' }
    const hooks = { ...tocaro, TOCARO_SIGNING_SECRET: '' }
    expect(load('worker', { ...redis, LINE_CHANNEL_ACCESS_TOKEN, ...works, ...hooks }).bots).toHaveLength(3)
  })

  test('does not look at settings of other processes', () => {
    const env = {
      ...redis,
      ...line,
      WORKER_PORT: 'nonsense',
      WORKER_CONCURRENCY: '-1',
      LINE_REPLY_FALLBACK: 'shout',
    }
    expect(load('ingress', env).port).toBe(3000)
  })

  test('lets the emulator start with nothing set, and with half a set of credentials', () => {
    expect(load('emulator', {})).toMatchObject({ port: 3002, bots: [], warnings: [] })
    expect(load('emulator', { LINE_CHANNEL_ID: '2001' }).bots).toMatchObject([
      { platform: 'line', channelId: '2001' },
    ])
    expect(load('emulator', { LINE_CHANNEL_SECRET_FILE: '/none' }).bots[0]).not.toHaveProperty(
      'channelSecret',
    )
  })

  test.each([
    ['channel ID and secret', { LINE_CHANNEL_ID: '2001', LINE_CHANNEL_SECRET: 's' }],
    [
      'channel ID and assertion key',
      { LINE_CHANNEL_ID: '2001', LINE_ASSERTION_KEY: pem.toString(), LINE_ASSERTION_KID: 'k' },
    ],
  ])('takes LINE %s in place of an access token', (_name, env) => {
    expect(load('worker', { ...redis, ...env }).bots).toHaveLength(1)
  })

  test('takes a Tocaro inbound webhook in place of an access token', () => {
    const env = { TOCARO_WEBHOOK_URL: 'https://hooks.example.com/key', TOCARO_BOT_USER: 'us1, us2' }
    expect(load('worker', { ...redis, ...env }).bots).toMatchObject([
      { webhookUrl: 'https://hooks.example.com/key', botUser: ['us1', 'us2'] },
    ])
  })

  test.each(['new,old', 'new, old', 'new old', 'new\nold\n', ' new ,, old '])(
    'reads the list of secrets %j',
    (secrets) => {
      const env = { ...redis, LINE_CHANNEL_SECRET: secrets }
      expect(load('ingress', env).bots).toEqual([
        { platform: 'line', name: 'line', channelSecret: ['new', 'old'] },
      ])
    },
  )

  test.each([['s3cret\n'], ['s3cret\r\n'], ['s3cret'], ['\uFEFFs3cret\n']])(
    'reads a secret from the file text %j',
    (text) => {
      const env = { ...redis, LINE_CHANNEL_SECRET: 's', LINE_CHANNEL_ACCESS_TOKEN_FILE: 'secrets/token' }
      expect(load('worker', env, { '/app/secrets/token': text }).bots).toMatchObject([
        { channelAccessToken: 's3cret' },
      ])
    },
  )

  test('takes REDIS_URL from a file too', () => {
    const config = load(
      'ingress',
      { ...line, REDIS_URL_FILE: '/run/redis' },
      { '/run/redis': 'rediss://u:p@r:6380/2\n' },
    )
    expect(config.redisUrl).toBe('rediss://u:p@r:6380/2')
  })

  test('counts an empty variable as not set', () => {
    const env = {
      ...redis,
      ...line,
      INGRESS_PORT: '',
      LOG_LEVEL: '',
      TOCARO_SIGNING_SECRET: '',
      HOOKLINE_CONFIG: '',
    }
    expect(load('ingress', env)).toMatchObject({ port: 3000, logLevel: 'info', bots: [{ name: 'line' }] })
  })

  test('does not take settings with a default for a sign of a bot', () => {
    const env = {
      LINEWORKS_SCOPE: 'bot',
      TOCARO_POST_PATH: '/p/{group}',
      TOCARO_API_BASE_URL: 'http://e',
      TOCARO_BOT_USER: 'us',
    }
    expect(load('worker', { ...redis, ...line, ...env }).bots).toHaveLength(1)
  })

  test('moves base URLs, without a slash at the end', () => {
    const env = {
      LINE_API_BASE_URL: 'http://127.0.0.1:3002/line/',
      LINE_DATA_API_BASE_URL: 'http://127.0.0.1:3002//',
    }
    expect(load('worker', { ...redis, ...line, ...env }).bots).toMatchObject([
      { apiBaseUrl: 'http://127.0.0.1:3002/line', dataApiBaseUrl: 'http://127.0.0.1:3002' },
    ])
  })
})

test('an operator needs Redis only, and learns the names of the bots', () => {
  const { REDIS_URL } = redis
  expect(load('operator', { REDIS_URL }).bots).toEqual([])
  expect(load('operator', { REDIS_URL, ...line }).bots).toEqual([{ platform: 'line', name: 'line' }])
  expect(() => load('operator', {})).toThrow(/REDIS_URL/)
})
