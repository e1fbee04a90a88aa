import { generateKeyPairSync } from 'node:crypto'
import { describeConfig, loadConfig } from '#libs/config'
import { platformNames, settingsOf } from './platforms'
import type { Role } from './setting'

const marker = 'Ma5k3r'
const roles: Role[] = ['ingress', 'worker', 'emulator']
const base = {
  REDIS_URL: `redis://user:${marker}@127.0.0.1:6379/1?password=${marker}`,
  LINE_CHANNEL_ID: '2001',
  LINEWORKS_BOT_ID: '2000001',
  LINEWORKS_CLIENT_ID: 'client',
  LINEWORKS_SERVICE_ACCOUNT: 'a@example.com',
  TOCARO_BOT_USER: 'usbot',
}

/** The text of the error, or of everything that is fit for a log. */
function said(role: Role, env: Record<string, string>, file?: string): string {
  const readFile = () => {
    if (file === undefined) throw Object.assign(new Error(marker), { code: 'ENOENT' })
    return file
  }
  try {
    const config = loadConfig({ role, env, cwd: '/app', readFile })
    return JSON.stringify([describeConfig(config), config.warnings])
  } catch (error) {
    return String(error)
  }
}

const secrets = platformNames.flatMap((platform) =>
  settingsOf(platform).flatMap(([key, { env, secret }]) => (secret ? [{ platform, key, env }] : [])),
)

describe.each(secrets)('$env', ({ platform, key, env }) => {
  test.each([
    marker,
    ` ${marker} x`,
    `"${marker}"`,
    `${marker}://h`,
    `https://${marker}@h`,
    `-----BEGIN ${marker}-----`,
  ])('stays out of messages and descriptions with the value %j', (value) => {
    const quoted = JSON.stringify(value)
    const entry = (text: string) => `bots:\n  b:\n    platform: ${platform}\n    ${key}: ${text}\n`
    for (const role of roles) {
      expect(said(role, { ...base, [env]: value })).not.toContain(marker)
      expect(said(role, { ...base, [`${env}_FILE`]: value })).not.toContain(marker)
      expect(said(role, { ...base, [`${env}_FILE`]: '/f', [env]: value })).not.toContain(marker)
      expect(said(role, base, entry(quoted))).not.toContain(marker)
      expect(said(role, base, entry(`[${quoted}, ${quoted}]`))).not.toContain(marker)
      expect(said(role, base, entry(`{gr: ${quoted}}`))).not.toContain(marker)
      expect(said(role, { ...base, V: value }, entry('${V}'))).not.toContain(marker)
    }
  })
})

test('a secret between the braces of a reference stays out of messages', () => {
  for (const text of [`\${${marker}}`, `\${1${marker}}`, `"\${${marker}"`]) {
    const file = `bots:\n  b:\n    platform: line\n    channelSecret: ${text}\n`
    expect(said('ingress', base, file)).toMatch(/bots\.b\.channelSecret (needs|has)/)
    expect(said('ingress', base, file)).not.toContain(marker)
  }
})

test('a file that is cut off or damaged anywhere does not show its secrets', () => {
  const file = `bots:\n  b:\n    platform: line\n    channelSecret: [${marker}, "${marker}"]\n    channelAccessToken: '${marker}'\n`
  for (let i = 0; i < file.length; i += 1) {
    for (const damaged of [
      file.slice(0, i),
      `${file.slice(0, i)}}${file.slice(i)}`,
      `${file.slice(0, i)}"${file.slice(i)}`,
    ]) {
      for (const role of roles) expect(said(role, base, damaged)).not.toContain(marker)
    }
  }
})

describe('describeConfig', () => {
  test('shows the effective settings and which secrets are set', () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    const env = {
      ...base,
      LINE_CHANNEL_SECRET: marker,
      LINEWORKS_CLIENT_SECRET: marker,
      LINEWORKS_PRIVATE_KEY: pem.toString(),
    }
    const config = loadConfig({ role: 'worker', env, cwd: '/app' })
    expect(describeConfig(config)).toEqual({
      role: 'worker',
      source: 'environment',
      redisUrl: 'redis://127.0.0.1:6379/1',
      redisCa: 'unset',
      host: '127.0.0.1',
      port: 3003,
      logLevel: 'info',
      concurrency: 50,
      shutdownTimeoutMs: 25_000,
      handlerTimeoutMs: 30_000,
      retryAttempts: 12,
      retryMaxAgeMs: 86_400_000,
      timeline: 'metadata',
      timelineDays: 7,
      timelineItems: 10_000,
      otlpHeaders: 'unset',
      otlpTracesHeaders: 'unset',
      otelSampler: 'parentbased_always_on',
      otelDisabled: false,
      bots: [
        {
          name: 'line',
          platform: 'line',
          handler: '/app/bots/echo.ts',
          channelSecret: 'set',
          channelAccessToken: 'unset',
          channelId: '2001',
          assertionKey: 'unset',
          assertionKid: undefined,
          replyFallback: 'park',
          apiBaseUrl: 'https://api.line.me',
          dataApiBaseUrl: 'https://api-data.line.me',
        },
        {
          name: 'lineworks',
          platform: 'lineworks',
          handler: '/app/bots/echo.ts',
          botId: '2000001',
          clientId: 'client',
          clientSecret: 'set',
          serviceAccount: 'a@example.com',
          privateKey: 'set',
          scope: 'bot',
          limits: { perMinute: 240 },
          ambiguous: 'resend',
          apiBaseUrl: 'https://www.worksapis.com/v1.0',
          authBaseUrl: 'https://auth.worksmobile.com/oauth2/v2.0',
        },
      ],
    })
  })
})
