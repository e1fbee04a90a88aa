import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createPlainServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { DoctorOptions } from './doctor'
import type { Finding } from './doctor-finding'
import {
  type Certificates,
  examine,
  makeCertificates,
  realLoader,
  startWard,
  type Ward,
} from './doctor.test.support'
import { createRedisServer, describeWithRedisServer } from '../../tests/support/redis-server'

/** What a planted fault must be called, and what must be said to do about it. */
interface Expected {
  state?: 'problem' | 'warning'
  id: string
  found: RegExp
  remedy: RegExp
}

const jwt = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

const otherKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()

const without = (from: Record<string, string>, names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)))

describeWithRedisServer('doctor', () => {
  let ward: Ward
  const servers: { close(): unknown }[] = []

  beforeAll(async () => {
    ward = await startWard()
  })
  afterAll(async () => {
    await ward.close()
  })
  afterEach(() => {
    ward.emulator.faults.clear()
    ward.emulator.configure({
      ...{ clockOffsetMs: 0, lineWebhookSet: true, lineWebhookActive: true, lineChatMode: 'bot' },
      ...{ lineMonthlyQuota: null, lineQuotaUsedElsewhere: 0, lineworksCallback: true, tocaroScope: 'both' },
      lineworksScopes: ['bot', 'bot.message', 'bot.read'],
    })
    for (const server of servers.splice(0)) server.close()
  })

  async function expectFault(
    expected: Expected,
    changes: Record<string, string> = {},
    options: Partial<DoctorOptions> = {},
  ): Promise<Finding> {
    const findings = await examine(ward, { ...ward.env, ...changes }, options)
    const found = findings.find(
      ({ id, state }) => id === expected.id && state === (expected.state ?? 'problem'),
    )
    expect({ expected, all: findings, found: found?.found }).toEqual(
      expect.objectContaining({ found: expect.stringMatching(expected.found) as unknown }),
    )
    expect(found?.remedy).toMatch(expected.remedy)
    expect(found?.why).toBeTruthy()
    return found as Finding
  }

  const lineToken = async () => {
    const response = await fetch(`${ward.emulator.url}/oauth2/v3/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: String(ward.env['LINE_CHANNEL_ID']),
        client_secret: String(ward.env['LINE_CHANNEL_SECRET']),
      }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }

  test('a healthy set-up has no problem and no warning', async () => {
    const findings = await examine(ward, ward.env)
    expect(findings.filter(({ state }) => state === 'problem' || state === 'warning')).toEqual([])
    expect(findings.length).toBeGreaterThan(25)
  })

  test('no finding holds a secret, no message is sent and no event is stored', async () => {
    const wrong = { LINEWORKS_CLIENT_SECRET: 'very-secret-1', LINE_CHANNEL_SECRET: 'very-secret-2' }
    const before = ward.emulator.ledger.after(0).length
    const text = JSON.stringify(await examine(ward, { ...ward.env, ...wrong }))
    const secrets = Object.entries({ ...ward.env, ...wrong })
      .filter(([name]) => /SECRET|TOKEN|PRIVATE_KEY$/.test(name))
      .map(([, value]) => value)
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
    const entries = ward.emulator.ledger.after(before)
    expect(entries.filter(({ kind }) => kind === 'message')).toEqual([])
    expect(await ward.redis.redis.keys('*:items')).toEqual([])
  })

  const lineworksKey = () => String(ward.env['LINEWORKS_PRIVATE_KEY'])
  const planted: [string, Expected, () => Record<string, string>][] = [
    [
      'a private key that is cut off',
      { id: 'setting-LINEWORKS_PRIVATE_KEY', found: /no END line/, remedy: /cut off|PEM/ },
      () => ({ LINEWORKS_PRIVATE_KEY: lineworksKey().slice(0, 300) }),
    ],
    [
      'a public key in the place of the private one',
      { id: 'setting-LINEWORKS_PRIVATE_KEY', found: /PUBLIC KEY/, remedy: /PEM|private key/ },
      () => ({ LINEWORKS_PRIVATE_KEY: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' }),
    ],
    [
      'the private key of another app',
      { id: 'lineworks-token', found: /wrong private key/, remedy: /Developer Console.*Private Key/ },
      () => ({ LINEWORKS_PRIVATE_KEY: otherKey() }),
    ],
    [
      'a wrong LINE WORKS client secret',
      { id: 'lineworks-token', found: /wrong client secret/, remedy: /LINEWORKS_CLIENT_SECRET/ },
      () => ({ LINEWORKS_CLIENT_SECRET: 'nope' }),
    ],
    [
      'an unknown service account',
      {
        id: 'lineworks-token',
        found: /service account other\.serviceaccount/,
        remedy: /LINEWORKS_SERVICE_ACCOUNT/,
      },
      () => ({ LINEWORKS_SERVICE_ACCOUNT: 'other.serviceaccount@emulator.example' }),
    ],
    [
      'a person in the place of the service account',
      {
        state: 'warning',
        id: 'lineworks-service-account',
        found: /does not look like/,
        remedy: /SERVICE_ACCOUNT/,
      },
      () => ({ LINEWORKS_SERVICE_ACCOUNT: 'someone@example.com' }),
    ],
    [
      'a scope that is not enabled',
      { id: 'lineworks-token', found: /scope "bot" is not enabled/, remedy: /OAuth Scopes: add bot/ },
      () => {
        ward.emulator.configure({ lineworksScopes: ['bot.read'] })
        return {}
      },
    ],
    [
      'a wrong bot id',
      { id: 'lineworks-bot', found: /wrong bot ID 2999999/, remedy: /LINEWORKS_BOT_ID/ },
      () => ({ LINEWORKS_BOT_ID: '2999999' }),
    ],
    [
      'a bot that the app has no right to',
      { id: 'lineworks-bot', found: /missing scope or right/, remedy: /OAuth Scopes.*Admin/ },
      () => {
        ward.emulator.faults.add({ platform: 'lineworks', operation: 'bots.get', kind: '403' })
        return {}
      },
    ],
    [
      'a Callback that is off',
      { id: 'lineworks-callback', found: /switched off/, remedy: /Callback URL: On/ },
      () => {
        ward.emulator.configure({ lineworksCallback: false })
        return {}
      },
    ],
    [
      'another Bot Secret in the ingress',
      { id: 'ingress-secret', found: /another Bot Secret/, remedy: /restart/ },
      () => ({ LINEWORKS_BOT_SECRET: 'another-secret' }),
    ],
    [
      'a clock that is off',
      { id: 'clock', found: /clock skew: 10 min behind/, remedy: /timedatectl set-ntp true/ },
      () => {
        ward.emulator.configure({ clockOffsetMs: 10 * 60_000 })
        return {}
      },
    ],
    [
      'a wrong channel secret with stateless tokens',
      { id: 'line-token', found: /wrong channel secret/, remedy: /LINE_CHANNEL_SECRET/ },
      () => ({ LINE_CHANNEL_SECRET: 'nope' }),
    ],
    [
      'a wrong LINE access token',
      { id: 'line-token', found: /wrong or expired access token/, remedy: /LINE_CHANNEL_ACCESS_TOKEN/ },
      () => ({ LINE_CHANNEL_ACCESS_TOKEN: 'nope' }),
    ],
    [
      'no webhook URL at LINE',
      {
        id: 'line-endpoint',
        found: /no webhook URL is set/,
        remedy: /Webhook URL: set https:\/\/YOUR-HOST\/webhooks\/line/,
      },
      () => {
        ward.emulator.configure({ lineWebhookSet: false })
        return {}
      },
    ],
    [
      'a webhook that is switched off',
      { id: 'line-webhook-on', found: /switched off/, remedy: /Use webhook: turn it on/ },
      () => {
        ward.emulator.configure({ lineWebhookActive: false })
        return {}
      },
    ],
    [
      'chat mode',
      { state: 'warning', id: 'line-chat-mode', found: /people answer/, remedy: /Official Account Manager/ },
      () => {
        ward.emulator.configure({ lineChatMode: 'chat' })
        return {}
      },
    ],
    [
      'a quota that is used up',
      { id: 'line-quota', found: /used up: 200 of 200/, remedy: /plan/ },
      () => {
        ward.emulator.configure({ lineMonthlyQuota: 200, lineQuotaUsedElsewhere: 200 })
        return {}
      },
    ],
    [
      'a quota that is nearly used up',
      { state: 'warning', id: 'line-quota', found: /nearly used up: 190 of 200/, remedy: /plan/ },
      () => {
        ward.emulator.configure({ lineMonthlyQuota: 200, lineQuotaUsedElsewhere: 190 })
        return {}
      },
    ],
    [
      'a platform in trouble',
      { id: 'line-token', found: /LINE answered 500/, remedy: /status page/ },
      () => {
        ward.emulator.faults.add({ platform: 'line', operation: 'info', kind: '500' })
        return {}
      },
    ],
    [
      'an API that is not reachable',
      {
        id: 'lineworks-token',
        found: /not reachable.*ECONNREFUSED/,
        remedy: /LINEWORKS_AUTH_BASE_URL.*firewall/,
      },
      () => ({ LINEWORKS_AUTH_BASE_URL: 'http://127.0.0.1:9/oauth2/v2.0' }),
    ],
    [
      'a wrong Tocaro access token',
      { id: 'tocaro-token', found: /wrong or expired access token/, remedy: /TOCARO_ACCESS_TOKEN/ },
      () => ({ TOCARO_ACCESS_TOKEN: 'nope' }),
    ],
    [
      'a Tocaro token that has expired',
      { id: 'tocaro-token-end', found: /has expired \(2025-01-01 00:00 UTC\)/, remedy: /new access token/ },
      () => ({ TOCARO_ACCESS_TOKEN: jwt({ exp: 1735689600 }) }),
    ],
    [
      'a Tocaro hook that is revoked',
      { id: 'tocaro-hook', found: /revoked or wrong \(404\)/, remedy: /TOCARO_WEBHOOK_URL/ },
      () => ({
        TOCARO_ACCESS_TOKEN: '',
        TOCARO_WEBHOOK_URL: `${ward.emulator.url}/integrations/inbound_webhook/gone`,
      }),
    ],
    [
      'a token endpoint of LINE in trouble',
      { id: 'line-token', found: /^LINE answered 500$/, remedy: /status page/ },
      () => {
        ward.emulator.faults.add({ platform: 'line', kind: '500' })
        return {}
      },
    ],
    [
      'a token endpoint of LINE WORKS in trouble',
      { id: 'lineworks-token', found: /^LINE WORKS answered 500$/, remedy: /status page/ },
      () => {
        ward.emulator.faults.add({ platform: 'lineworks', kind: '500' })
        return {}
      },
    ],
    [
      'a Tocaro hook at an address where nobody is',
      { id: 'tocaro-hook', found: /not reachable/, remedy: /Check TOCARO_WEBHOOK_URL/ },
      () => ({ TOCARO_ACCESS_TOKEN: '', TOCARO_WEBHOOK_URL: 'http://127.0.0.1:9/integrations/x' }),
    ],
    [
      'another Signing Secret in the ingress',
      { id: 'ingress-secret', found: /another Signing Secret/, remedy: /restart/ },
      () => ({ TOCARO_SIGNING_SECRET: 'another-secret' }),
    ],
    [
      'a misspelled variable',
      {
        state: 'warning',
        id: 'variable-name',
        found: /LINE_CHANEL_ID is not a setting/,
        remedy: /Rename it to LINE_CHANNEL_ID/,
      },
      () => ({ LINE_CHANEL_ID: '1' }),
    ],
    [
      'a secret that is missing',
      { id: 'setting-LINEWORKS_BOT_SECRET', found: /is empty/, remedy: /LINEWORKS_BOT_SECRET/ },
      () => ({ LINEWORKS_BOT_SECRET: '' }),
    ],
    [
      'a journal that is a file',
      { id: 'journal', found: /can't be written \(ENOTDIR\)/, remedy: /HOOKLINE_JOURNAL_DIR/ },
      () => {
        writeFileSync(join(ward.dir, 'a-file'), '')
        return { HOOKLINE_JOURNAL_DIR: join(ward.dir, 'a-file') }
      },
    ],
    [
      'a journal on a file system that takes nothing',
      { id: 'journal', found: /can't be written|0 MB are free/, remedy: /HOOKLINE_JOURNAL/ },
      () => ({ HOOKLINE_JOURNAL_DIR: '/proc/journal' }),
    ],
    [
      'a disk with less room than the journal may take',
      {
        state: 'warning',
        id: 'journal',
        found: /may take 100000 MB/,
        remedy: /HOOKLINE_JOURNAL_MAX_MB|df -h/,
      },
      () => ({ HOOKLINE_JOURNAL_MAX_MB: '100000' }),
    ],
    [
      'an ingress that does not run',
      { id: 'ingress', found: /is not running/, remedy: /docker compose up -d ingress/ },
      () => ({ INGRESS_PORT: '9' }),
    ],
    [
      'a Redis that does not run',
      { id: 'redis-connection', found: /nothing listens there/, remedy: /redis-server|REDIS_URL/ },
      () => ({ REDIS_URL: 'redis://127.0.0.1:9' }),
    ],
    [
      'a secret that everybody can read',
      { state: 'warning', id: 'secret-files', found: /every user.*key\.pem/, remedy: /chmod 600/ },
      () => {
        const path = join(ward.dir, 'key.pem')
        writeFileSync(path, lineworksKey())
        chmodSync(path, 0o644)
        return { LINEWORKS_PRIVATE_KEY: '', LINEWORKS_PRIVATE_KEY_FILE: path }
      },
    ],
  ]

  test.each(planted)('%s', async (_name, expected, plant) => {
    await expectFault(expected, plant())
  })

  test('a wrong channel secret beside a long-lived token, and a secret of another channel in the ingress', async () => {
    const token = await lineToken()
    const changes = { LINE_CHANNEL_ACCESS_TOKEN: token, LINE_CHANNEL_ID: '', LINE_CHANNEL_SECRET: 'nope' }
    await expectFault({ id: 'line-secret', found: /wrong channel secret/, remedy: /Basic settings/ }, changes)
    await expectFault({ id: 'ingress-secret', found: /another channel secret/, remedy: /restart/ }, changes)
    await expectFault(
      { id: 'line-channel', found: /belongs to channel 2000000001/, remedy: /one and the same channel/ },
      { ...changes, LINE_CHANNEL_ID: '1999999999' },
    )
  })

  test('a bot file with a mistake, and one for another platform', async () => {
    const file = (name: string, text: string) => {
      writeFileSync(join(ward.dir, name), text)
      return { HOOKLINE_BOT: join(ward.dir, name) }
    }
    const real = { loadBot: realLoader(ward.dir), bot: 'line' }
    const id = 'bot-file'
    await expectFault(
      { id, found: /is no bot/, remedy: /HOOKLINE_BOT/ },
      file('a.ts', 'export default 1\n'),
      real,
    )
    await expectFault(
      { id, found: /ended its process with 3/, remedy: /HOOKLINE_BOT/ },
      file('b.ts', 'process.exit(3)\n'),
      real,
    )
    await expectFault(
      { id, found: /no such file/, remedy: /HOOKLINE_BOT/ },
      { HOOKLINE_BOT: 'nowhere.ts' },
      real,
    )
    const other =
      "import { defineBot } from 'hookline'\nexport default defineBot({ platform: 'tocaro' }, () => {})\n"
    await expectFault({ id, found: /is for tocaro only/, remedy: /defineBot/ }, file('c.ts', other), real)
    const findings = await examine(ward, ward.env, real)
    expect(findings.find((finding) => finding.id === id)).toMatchObject({ state: 'ok' })
  })

  test('a port that another program has', async () => {
    const other = createServer((_request, response) => response.end('hello'))
    const port = await listening(other)
    await expectFault(
      { id: 'ingress', found: /port is in use by another program/, remedy: /INGRESS_PORT/ },
      { INGRESS_PORT: String(port) },
    )
  })

  test('no worker, in a Redis of its own with the faults of Redis', async () => {
    const redis = await createRedisServer([
      '--requirepass',
      'right',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'allkeys-lru',
    ])
    redis.redis.options.password = 'right'
    await redis.start()
    try {
      const at = (password: string) => ({ REDIS_URL: redis.url.replace('//', `//:${password}@`) })
      const wrong = await expectFault(
        { id: 'redis-connection', found: /wrong password/, remedy: /redis:\/\/:PASSWORD@/ },
        at('nope'),
      )
      expect(wrong.found).not.toContain('nope')
      await expectFault(
        { id: 'redis-connection', found: /a password is needed/, remedy: /redis:\/\/:PASSWORD@/ },
        { REDIS_URL: redis.url },
      )
      await expectFault(
        {
          id: 'redis-policy',
          found: /maxmemory-policy is allkeys-lru/,
          remedy: /CONFIG SET maxmemory-policy noeviction/,
        },
        at('right'),
      )
      await expectFault(
        {
          state: 'warning',
          id: 'redis-persistence',
          found: /appendonly no/,
          remedy: /CONFIG SET appendonly yes/,
        },
        at('right'),
      )
      await expectFault(
        { id: 'worker', found: /no worker is running/, remedy: /docker compose up -d worker/ },
        at('right'),
      )
    } finally {
      await redis.remove()
    }
  })

  describe('a public address', () => {
    let certificates: Certificates
    beforeAll(() => {
      certificates = makeCertificates()
    })
    afterAll(() => certificates.remove())

    /** A proxy with TLS before the ingress. */
    async function proxy(kind: Parameters<Certificates['of']>[0]): Promise<Partial<DoctorOptions>> {
      const server = createTlsServer(certificates.of(kind), (request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => void pass(request, Buffer.concat(chunks), response))
      })
      const port = await listening(server)
      return { url: `https://localhost:${port}`, ca: certificates.ca }
    }

    async function pass(
      { url = '/', headers }: { url?: string | undefined; headers: NodeJS.Dict<string | string[]> },
      body: Buffer,
      response: import('node:http').ServerResponse,
    ): Promise<void> {
      const rest = without(headers as Record<string, string>, ['host', 'connection', 'content-length'])
      const answer = await fetch(`${ward.ingressUrl}${url}`, {
        method: 'POST',
        headers: rest,
        body: new Uint8Array(body),
      })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(await answer.text())
    }

    const setAtLine = async (endpoint: string) => {
      const token = await lineToken()
      await fetch(`${ward.emulator.url}/v2/bot/channel/webhook/endpoint`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ endpoint }),
      })
    }
    afterEach(() => setAtLine(`${ward.ingressUrl}/webhooks/line`))

    test.each([
      ['self-signed', /self-signed/, /certbot/],
      ['expired', /has expired on/, /certbot renew/],
      ['leaf-only', /incomplete chain.*middle/, /fullchain\.pem/],
      ['other-name', /is for other\.example\.com, not for localhost/, /certbot certonly -d localhost/],
    ] as const)('a certificate that is %s', async (kind, found, remedy) => {
      const options = await proxy(kind)
      await setAtLine(`${String(options.url)}/webhooks/line`)
      await expectFault({ id: 'certificate', found, remedy }, {}, { ...options, bot: 'line' })
      await expectFault(
        { id: 'line-webhook-test', found: /TLS handshake/, remedy: /certificate/ },
        {},
        options,
      )
    })

    test('a certificate that ends soon, and one that is good', async () => {
      const soon = await proxy('ending')
      await setAtLine(`${String(soon.url)}/webhooks/line`)
      await expectFault(
        { state: 'warning', id: 'certificate', found: /ends in 4 days/, remedy: /certbot renew/ },
        {},
        { ...soon, bot: 'line' },
      )
      const good = await proxy('good')
      await setAtLine(`${String(good.url)}/webhooks/line`)
      const findings = await examine(ward, ward.env, { ...good, bot: 'line' })
      const byId = new Map(findings.map((finding) => [finding.id, finding]))
      expect(byId.get('certificate')?.found).toMatch(/good for 59 days, by middle, chain complete, TLSv1.3/)
      expect(byId.get('webhook-answers')?.state).toBe('ok')
    })

    test('another URL at LINE, a path of another bot, a page that is no ingress, nobody', async () => {
      const options = { url: 'https://bot.example.com', bot: 'line' }
      const id = 'line-endpoint'
      await expectFault(
        { id, found: /set to another URL/, remedy: /https:\/\/bot\.example\.com\/webhooks\/line/ },
        {},
        options,
      )
      await setAtLine(`${ward.ingressUrl}/webhooks/tocaro`)
      await expectFault({ id: 'webhook-answers', found: /wrong path/, remedy: /\/webhooks\/line/ })
      await setAtLine(`${ward.ingressUrl}/somewhere`)
      await expectFault({ id: 'webhook-answers', found: /404: wrong path/, remedy: /\/webhooks\/line/ })
      await expectFault({ id: 'line-webhook-test', found: /wrong path.*404/, remedy: /\/webhooks\/line/ })
      await setAtLine('http://127.0.0.1:9/webhooks/line')
      await expectFault({ id: 'webhook-answers', found: /nothing listens/, remedy: /ingress/ })
      await expectFault({ id: 'line-webhook-test', found: /can not reach/, remedy: /port 443/ })
    })

    test('an address without https, of this machine only, or without TLS', async () => {
      const at = (url: string) => ({ url, bot: 'tocaro' })
      const id = 'webhook-url'
      await expectFault(
        { id, found: /is not https/, remedy: /proxy with a certificate/ },
        {},
        at('http://bot.example.com'),
      )
      await expectFault(
        { id, found: /this machine only/, remedy: /public DNS name/ },
        {},
        at('https://127.0.0.1:1'),
      )
      await expectFault({ id, found: /IP address/, remedy: /public DNS name/ }, {}, at('https://192.0.2.1'))
      const plain = createPlainServer((socket) =>
        socket.on('error', () => undefined).end('HTTP/1.1 400 Bad\r\n\r\n'),
      )
      const port = await listening(plain)
      await setAtLine(`https://localhost:${port}/webhooks/line`)
      await expectFault(
        { id: 'certificate', found: /no TLS 1.2/, remedy: /listen 443 ssl/ },
        {},
        { bot: 'line' },
      )
      await setAtLine('https://nowhere.invalid/webhooks/line')
      await expectFault({ id: 'certificate', found: /is not known/, remedy: /DNS/ }, {}, { bot: 'line' })
    })
  })

  test('a bot that is not there and an address that is none are refused', async () => {
    await expect(examine(ward, ward.env, { bot: 'shop' })).rejects.toThrow(
      /no bot "shop".*line, lineworks, tocaro/,
    )
    await expect(examine(ward, ward.env, { url: 'bot.example.com' })).rejects.toThrow(/is no URL/)
  })

  test("a container's role asks for its own settings only", async () => {
    const workers = without(ward.env, ['LINEWORKS_BOT_SECRET', 'TOCARO_SIGNING_SECRET'])
    const worker = await examine(ward, workers, { role: 'worker' })
    expect(worker.filter(({ state }) => state === 'problem')).toEqual([])
    const ingresses = without(ward.env, ['LINEWORKS_CLIENT_SECRET', 'LINEWORKS_PRIVATE_KEY'])
    const ingress = await examine(ward, ingresses, { role: 'ingress' })
    expect(ingress.filter(({ state }) => state === 'problem')).toEqual([])
  })

  test('a configuration without bots', async () => {
    mkdirSync(join(ward.dir, 'empty'), { recursive: true })
    const findings = await examine(
      { dir: join(ward.dir, 'empty') },
      { REDIS_URL: String(ward.env['REDIS_URL']) },
    )
    expect(findings.find(({ id }) => id === 'settings')).toMatchObject({
      state: 'problem',
      found: 'no bot is configured',
      remedy: expect.stringContaining('hookline.config.yaml') as unknown,
    })
  })

  async function listening(server: Server | ReturnType<typeof createPlainServer>): Promise<number> {
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
})
