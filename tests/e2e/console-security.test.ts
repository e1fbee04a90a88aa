import { request as httpRequest } from 'node:http'
import type { Router } from 'express'
import { SignJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import { createApp, createParts } from '../../apps/console/server'
import { hashPassword } from '#libs/access'
import { loadConfig } from '#libs/config'
import { tellFeed } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { type ConsoleClient, clientWith, cookieOf, logIn, sendLogin } from '../support/console-client'
import { eventually } from '../support/eventually'
import { type RedisServer, createRedisServer, describeWithRedisServer } from '../support/redis-server'
import { type Service, killLeftovers, runToEnd, startService } from '../support/stack'

/* The console as strangers, viewers and other sites meet it: the real process, with a Redis of its own. */

const password = 'correct horse battery'
const viewerPassword = 'look but do not touch'
const foreign = 'https://evil.example'

let redis: RedisServer
const services: Service[] = []

async function start(env: Record<string, string> = {}): Promise<Service> {
  const service = await startService('console', { REDIS_URL: redis.url, ...env })
  services.push(service)
  return service
}

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> }
  handle?: { stack?: Layer[] }
}

interface Route {
  method: string
  path: string
}

/** Every route that a router has, its parameters filled in. */
function routesOf(stack: Layer[], below: string): Route[] {
  return stack.flatMap(({ route, handle }) => {
    if (!route) return routesOf(handle?.stack ?? [], below)
    const methods = Object.keys(route.methods).filter((method) => route.methods[method])
    return [route.path]
      .flat()
      .flatMap((path) =>
        methods.map((method) => ({ method: method.toUpperCase(), path: below + path.replace(/:\w+/g, 'x') })),
      )
  })
}

const stackOf = (router: Router | object) => (router as { stack: Layer[] }).stack

/** The routes with data and actions, as the server itself puts them together. */
function guardedRoutes(): { routes: Route[]; close: () => void } {
  const config = loadConfig({ role: 'console', env: { REDIS_URL: redis.url }, cwd: '/' })
  const log = createLogger({ name: 'console', level: 'silent' })
  const deps = { redis: redis.redis, log, announce: () => undefined, stopping: new AbortController().signal }
  const parts = createParts(config, deps)
  const routes = [
    ...parts.api.flatMap((router) => routesOf(stackOf(router), '/api')),
    ...routesOf(stackOf(parts.board.app.router), '/queues'),
    ...routesOf(stackOf(createApp(config, parts).router), '').filter(({ path }) => path === '/logout'),
  ]
  return { routes, close: () => parts.tail.close() }
}

describeWithRedisServer('the console', () => {
  let service: Service
  let operator: ConsoleClient
  let viewer: ConsoleClient

  beforeAll(async () => {
    redis = await createRedisServer()
    await redis.start()
    // A bot, as its worker makes it known.
    await redis.redis.hset('{hookline:shop}:drain:meta', 'version', 'bullmq')
    service = await start({
      HOOKLINE_CONSOLE_PASSWORD: password,
      HOOKLINE_CONSOLE_VIEWER_PASSWORD: viewerPassword,
    })
    operator = await logIn(service.url, 'operator', password)
    viewer = await logIn(service.url, 'viewer', viewerPassword)
  })
  afterAll(async () => {
    killLeftovers()
    await redis.remove()
  })

  const auditOf = async (client: ConsoleClient) =>
    ((await (await client.get('/api/audit')).json()) as { entries: Record<string, unknown>[] }).entries

  describe('without a session', () => {
    test('no route answers, whatever it is', async () => {
      const { routes, close } = guardedRoutes()
      close()
      const paths = routes.map(({ path }) => path)
      for (const path of ['/api/session', '/api/audit', '/api/tail', '/queues/api/queues', '/logout'])
        expect(paths).toContain(path)
      expect(routes.length).toBeGreaterThan(35)
      const answers = await Promise.all(
        routes.map(async ({ method, path }) => {
          const headers = { origin: service.url, 'sec-fetch-site': 'same-origin' }
          const { status } = await fetch(service.url + path, { method, headers, redirect: 'manual' })
          return { method, path, status }
        }),
      )
      expect(answers.filter(({ status }) => status !== 401)).toEqual([])
    })

    test.each([
      '/api',
      '/api/',
      '/api/nothing',
      '/API/session',
      '//api/session',
      '/queues',
      '/queues/static/css/x.css',
    ])('%s is not to be had', async (path) => {
      const { status, headers } = await fetch(service.url + path, { redirect: 'manual' })
      expect([status, headers.get('location') ?? '']).toEqual(
        path.startsWith('//') ? [303, `/login?to=${encodeURIComponent(path)}`] : [401, ''],
      )
    })

    test('pages lead to the login, and it leads back', async () => {
      const page = await fetch(`${service.url}/conversations/shop?user=U1`, { redirect: 'manual' })
      expect([page.status, page.headers.get('location')]).toEqual([
        303,
        '/login?to=%2Fconversations%2Fshop%3Fuser%3DU1',
      ])
      const login = await sendLogin(
        service.url,
        { user: 'operator', password },
        {
          path: page.headers.get('location') ?? '',
        },
      )
      expect([login.status, login.headers.get('location')]).toEqual([303, '/conversations/shop?user=U1'])
    })

    test('a link from another site is asked for again from here, with the cookie', async () => {
      const page = await fetch(`${service.url}/`, {
        headers: { 'sec-fetch-site': 'cross-site' },
        redirect: 'manual',
      })
      expect(await page.text()).toMatch(/^<!doctype html><meta http-equiv="refresh" content="0">/)
    })

    test('health and metrics tell nothing of users and bots', async () => {
      for (const path of ['/healthz', '/readyz', '/metrics']) {
        const response = await fetch(service.url + path)
        expect(response.status).toBe(200)
        expect(await response.text()).not.toContain('shop')
      }
    })

    test.each([
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/.env',
      '/..\\package.json',
    ])('no file beside the page: %s', async (path) => {
      const { status, body } = await rawGet(service.url, path)
      expect([303, 400, 401, 403, 404]).toContain(status)
      expect(body).not.toContain('"hookline"')
    })
  })

  describe('cookies', () => {
    test('are for this site, this host and no script', async () => {
      const login = await sendLogin(service.url, { user: 'operator', password })
      const [cookie = ''] = login.headers.getSetCookie()
      const flags = cookie
        .split('; ')
        .slice(1)
        .filter((flag) => !flag.startsWith('Expires='))
      expect(flags.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict'])
    })

    const tried = (cookie: string) => fetch(`${service.url}/api/session`, { headers: { cookie } })
    const token = () => operator.cookie.split('=')[1] ?? ''

    test('that were changed are none', async () => {
      const [head = '', body = '', signature = ''] = token().split('.')
      const claims = { ...decodeJwt(token()), exp: 9_999_999_999 }
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const forged = [
        [head, part(claims), signature],
        [part({ alg: 'none', kid: 'operator' }), body, ''],
        [part({ alg: 'HS256', kid: 'viewer' }), body, signature],
        [part({ ...decodeProtectedHeader(token()), kid: 'nobody' }), body, signature],
        [head, body, `${signature.slice(0, -2)}AA`],
        ['x'],
      ].map((parts) => parts.join('.'))
      const statuses = await Promise.all(
        forged.map(async (text) => (await tried(`hookline_console=${text}`)).status),
      )
      expect(statuses).toEqual(forged.map(() => 401))
      expect((await tried(operator.cookie)).status).toBe(200)
    })

    test('signed by anybody else are none', async () => {
      const jwt = await new SignJWT()
        .setProtectedHeader({ alg: 'HS256', kid: 'operator' })
        .setJti('x')
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(password.padEnd(32)))
      expect((await tried(`hookline_console=${jwt}`)).status).toBe(401)
    })

    test('are none after the logout, also where somebody kept them', async () => {
      const client = await logIn(service.url, 'operator', password)
      expect((await client.get('/api/session')).status).toBe(200)
      const logout = await client.post('/logout')
      expect([logout.status, logout.headers.get('location')]).toEqual([303, '/login'])
      expect(logout.headers.getSetCookie()[0]).toMatch(/^hookline_console=; .*Expires=Thu, 01 Jan 1970/)
      expect((await client.get('/api/session')).status).toBe(401)
    })

    test('are marked Secure behind TLS, and only then is the public origin ours', async () => {
      const publicUrl = 'https://console.example'
      const behind = await start({ HOOKLINE_CONSOLE_PASSWORD: password, CONSOLE_PUBLIC_URL: publicUrl })
      const given = { user: 'operator', password }
      const login = await sendLogin(behind.url, given, { headers: { origin: publicUrl } })
      expect(login.headers.getSetCookie()[0]).toMatch(/^__Host-hookline_console=.*; Secure/)
      const client = await clientWith(behind.url, cookieOf(login))
      const statusFrom = async (origin: string) =>
        (await client.post('/api/nothing', {}, { origin, 'sec-fetch-site': 'same-origin' })).status
      expect(await statusFrom(publicUrl)).toBe(404)
      expect(await statusFrom('http://console.example')).toBe(403)
      expect((await sendLogin(service.url, given, { headers: { origin: publicUrl } })).status).toBe(403)
      await behind.end()
    })
  })

  describe('requests of other sites', () => {
    const own = () => ({ origin: service.url, 'sec-fetch-site': 'same-origin' })
    const forgeries: [what: string, headers: () => Record<string, string>, status: number][] = [
      ['a form, posted from elsewhere', () => ({ origin: foreign, 'sec-fetch-site': 'cross-site' }), 403],
      ['a fetch with a foreign origin', () => ({ origin: foreign, 'sec-fetch-site': '' }), 403],
      [
        'an origin that claims to be ours by a prefix',
        () => ({ origin: `${service.url}.evil.example` }),
        403,
      ],
      [
        'another port of this machine',
        () => ({ origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }),
        403,
      ],
      ['a sandboxed frame', () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' }), 403],
      ['no token', () => ({ ...own(), 'x-csrf-token': '' }), 403],
      ['a wrong token', () => ({ ...own(), 'x-csrf-token': 'x'.repeat(43) }), 403],
      ["another session's token", () => ({ ...own(), 'x-csrf-token': viewer.csrf }), 403],
      ['a body that a form can send', () => ({ ...own(), 'content-type': 'text/plain' }), 415],
    ]
    test.each(forgeries)('%s is refused', async (_what, headers, status) => {
      expect((await operator.post('/api/nothing', {}, headers())).status).toBe(status)
    })

    test('without a header of a browser the token is asked for everywhere', async () => {
      const bare = (path: string, headers: Record<string, string>) =>
        fetch(service.url + path, {
          method: 'POST',
          headers: { cookie: operator.cookie, ...headers },
          redirect: 'manual',
        })
      expect((await bare('/logout', {})).status).toBe(403)
      expect((await bare('/queues/api/queues/shop.drain/pause', {})).status).toBe(403)
      const asked = { 'content-type': 'application/json', 'x-csrf-token': operator.csrf }
      expect((await bare('/api/nothing', asked)).status).toBe(404)
    })

    test('cannot log a browser in', async () => {
      const login = await sendLogin(
        service.url,
        { user: 'operator', password },
        { headers: { origin: foreign } },
      )
      expect([login.status, login.headers.getSetCookie()]).toEqual([403, []])
    })

    test('can not post to the queues either, whatever the method', async () => {
      const headers = { cookie: operator.cookie, origin: foreign, 'sec-fetch-site': 'cross-site' }
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        expect(
          (await fetch(`${service.url}/queues/api/queues/shop.drain/pause`, { method, headers })).status,
        ).toBe(403)
      expect(await redis.redis.hexists('{hookline:shop}:drain:meta', 'paused')).toBe(0)
    })
  })

  test.each([
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['/.//evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/login?to=/login', '/'],
    ['/dead-letters?bot=shop#x', '/dead-letters?bot=shop#x'],
  ])('after the login from ?to=%s it goes on at %s', async (to, expected) => {
    const path = `/login?${new URLSearchParams({ to }).toString()}`
    const login = await sendLogin(service.url, { user: 'operator', password }, { path })
    expect([login.status, login.headers.get('location')]).toEqual([303, expected])
  })

  describe('the login form', () => {
    test('is there in both languages, without a script, and shows what was typed as text', async () => {
      const form = async (headers: Record<string, string>, query = '') =>
        (await fetch(`${service.url}/login${query}`, { headers })).text()
      const japanese = await form({ 'accept-language': 'ja,en;q=0.5' })
      expect(japanese).toContain('<html lang="ja">')
      expect(await form({ 'accept-language': 'ja' }, '?lang=en')).toContain('<html lang="en">')
      expect(japanese).toMatch(/name="user" value="operator"/)
      expect(japanese).not.toMatch(/<script|style=/)
      const typed = '"><img src=x onerror=alert(1)>'
      const refused = await sendLogin(service.url, { user: typed, password: 'x' })
      expect(await refused.text()).toContain('value="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"')
    })

    test('takes JSON too', async () => {
      const send = (given: object) =>
        fetch(`${service.url}/login`, {
          method: 'POST',
          body: JSON.stringify(given),
          headers: { 'content-type': 'application/json' },
          redirect: 'manual',
        })
      expect((await send({ user: 'operator', password })).status).toBe(303)
      const wrong = await send({ user: 'operator', password: { $ne: '' } })
      expect([wrong.status, await wrong.json()]).toEqual([
        401,
        { error: 'wrong', message: 'User or password is wrong.' },
      ])
    })
  })

  test('every answer has the headers that keep browsers strict', async () => {
    const pages = ['/', '/login', '/app.js', '/login.css', '/api/session', '/conversations/shop/user:U1']
    for (const path of pages) {
      const { status, headers } = await operator.get(path)
      expect({ path, status }).toEqual({ path, status: 200 })
      const policy = headers.get('content-security-policy')
      expect(policy).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';font-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.has('x-powered-by')).toBe(false)
    }
    expect((await operator.get('/api/session')).headers.get('cache-control')).toBe('no-store')
    const board = await operator.get('/queues/')
    expect(board.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self' 'sha256-r2N1TB/gHbBtBZFKg7ejmq1acVSREzucTAEw6ga4hoU=';img-src 'self' data:;connect-src 'self';font-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'self'",
    )
    const html = await board.text()
    expect(html).toContain('<div id="root"></div>')
    expect(html).not.toMatch(/<style|style=/)
    expect(html).not.toMatch(/https?:\/\//)
    expect(html).not.toMatch(/<script(?![^>]*(src=|type="application\/json"))/)
  })

  test('the page is no file that a stranger gets, and its parts are asked for anew', async () => {
    const index = await fetch(`${service.url}/index.html`, { redirect: 'manual' })
    expect(index.status).toBe(303)
    const page = await operator.get('/overview')
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    const script = await fetch(`${service.url}/app.js`)
    expect(script.headers.get('cache-control')).toBe('public, max-age=0')
    const again = await rawGet(service.url, '/app.js', { 'if-none-match': script.headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
    expect((await operator.get('/nothing.js')).status).toBe(404)
  })

  describe('roles', () => {
    const pause = (client: ConsoleClient, path = 'shop.drain/pause') =>
      fetch(`${service.url}/queues/api/queues/${path}`, {
        method: 'PUT',
        headers: { cookie: client.cookie, 'sec-fetch-site': 'same-origin' },
      })
    const isPaused = () => redis.redis.hexists('{hookline:shop}:drain:meta', 'paused')

    test('a viewer sees the queues and changes nothing', async () => {
      expect(await (await viewer.get('/api/session')).json()).toMatchObject({
        user: 'viewer',
        role: 'viewer',
      })
      const { queues } = (await (await viewer.get('/queues/api/queues')).json()) as {
        queues: { name: string; readOnlyMode: boolean }[]
      }
      expect(queues.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
        ['shop.drain', true],
        ['shop.timer', true],
      ])
      expect((await pause(viewer)).status).toBe(403)
      expect(await isPaused()).toBe(0)
    })

    test('an operator changes them, and it is noted before', async () => {
      expect((await pause(operator)).status).toBe(200)
      expect(await isPaused()).toBe(1)
      expect((await auditOf(viewer))[0]).toMatchObject({
        user: 'operator',
        action: 'queue',
        target: 'PUT /api/queues/shop.drain/pause',
        ip: '127.0.0.1',
        result: 'ok',
      })
      expect((await pause(operator, 'shop.drain/resume')).status).toBe(200)
      expect((await pause(operator, 'shop.drain/add')).status).toBe(403)
    })

    test('looking at the queues writes nothing into them', async () => {
      const before = await redis.redis.keys('{hookline:shop}:*')
      await operator.get('/queues/api/queues')
      expect(await redis.redis.keys('{hookline:shop}:*')).toEqual(before)
      expect(await redis.redis.hget('{hookline:shop}:drain:meta', 'version')).toBe('bullmq')
    })

    test('a read-only console lets nobody act; further users have names of their own', async () => {
      const suzuki = `suzuki:operator:${await hashPassword('suzukis own')}`
      const readOnly = await start({
        HOOKLINE_CONSOLE_PASSWORD: await hashPassword(password),
        HOOKLINE_CONSOLE_USERS: suzuki,
        CONSOLE_READ_ONLY: 'true',
      })
      await logIn(readOnly.url, 'operator', password)
      const client = await logIn(readOnly.url, 'suzuki', 'suzukis own')
      expect(await (await client.get('/api/session')).json()).toMatchObject({
        user: 'suzuki',
        readOnly: true,
      })
      const refused = await fetch(`${readOnly.url}/queues/api/queues/shop.drain/pause`, {
        method: 'PUT',
        headers: { cookie: client.cookie, 'sec-fetch-site': 'same-origin' },
      })
      expect([refused.status, await refused.json()]).toEqual([
        403,
        { error: 'forbidden', message: expect.stringContaining('CONSOLE_READ_ONLY') },
      ])
      await readOnly.end()
    })
  })

  test('the tail tells what happens, of the bots that one asks for', async () => {
    const stop = new AbortController()
    const response = await fetch(`${service.url}/api/tail?bot=shop`, {
      headers: { cookie: operator.cookie },
      signal: stop.signal,
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const at = 1
    const tell = setInterval(() => {
      tellFeed(redis.redis, 'other', [{ kind: 'paused', at, bot: 'other' }])
      tellFeed(redis.redis, 'shop', [{ kind: 'stored', at, bot: 'shop', type: 'text' }])
    }, 20)
    while (!text.includes('data:')) text += (await reader.read()).value ?? ''
    clearInterval(tell)
    expect(text).toContain('data: {"kind":"stored","at":1,"bot":"shop","type":"text"}\n\n')
    expect(text).not.toContain('other')
    stop.abort()
    await eventually(async () => expect(await redis.redis.pubsub('NUMPAT')).toBe(0))
  })

  test('too many failures close the door for a while, whoever knocks, and are counted and noted', async () => {
    const door = await start({ HOOKLINE_CONSOLE_PASSWORD: password })
    const knock = (given: string) => sendLogin(door.url, { user: 'operator', password: given })
    const inTime = await logIn(door.url, 'operator', password)
    for (let i = 0; i < 10; i++) expect((await knock('wrong')).status).toBe(401)
    const closed = await knock(password)
    expect(closed.status).toBe(429)
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(500)
    expect(await closed.text()).toContain('Too many failed logins. Try again in 10 minutes.')
    // A header that anybody can send is no other address.
    const spoofed = await sendLogin(
      door.url,
      { user: 'operator', password },
      { headers: { 'x-forwarded-for': '192.0.2.9' } },
    )
    expect(spoofed.status).toBe(429)
    const audit = await auditOf(inTime)
    expect(audit.filter(({ action }) => action === 'login_failed').length).toBeGreaterThanOrEqual(10)
    const metrics = await (await fetch(`${door.url}/metrics`)).text()
    expect(metrics).toContain('hookline_console_logins_total{result="failed"} 10')
    expect(metrics).toContain('hookline_console_logins_total{result="limited"} 2')
    await door.end()
  })

  test('a name that nobody has is not kept: it may be a password', async () => {
    await sendLogin(service.url, { user: 'hunter2 in the wrong field', password: 'x' })
    const [latest] = await auditOf(operator)
    expect(latest).toMatchObject({ action: 'login_failed', user: '(unknown)', result: 'refused' })
    expect(service.output()).not.toContain('hunter2')
  })

  describe('without a password of one’s own', () => {
    const printed = (all: Service[]) =>
      all.flatMap((one) =>
        [...one.output().matchAll(/shown only this once: (\S+)/g)].map(([, found = '']) => found),
      )

    test('one is generated, printed by one of two consoles, and good for both and after a restart', async () => {
      const both = await Promise.all([start(), start()])
      const [generated = '', ...more] = printed(both)
      expect([generated, more]).toEqual([expect.stringMatching(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/), []])
      const client = await logIn(both[0].url, 'operator', generated)
      expect((await fetch(`${both[1].url}/api/session`, { headers: { cookie: client.cookie } })).status).toBe(
        200,
      )
      const [one, two] = both
      await one.end()
      const again = await start()
      expect(printed([again])).toEqual([])
      expect((await fetch(`${again.url}/api/session`, { headers: { cookie: client.cookie } })).status).toBe(
        200,
      )

      const changed = await runToEnd('dist/libs/cli/main.js', { REDIS_URL: redis.url }, [
        'console',
        'new-password',
        '--json',
      ])
      const { password: next } = JSON.parse(changed.output) as { password: string }
      expect((await fetch(`${two.url}/api/session`, { headers: { cookie: client.cookie } })).status).toBe(401)
      expect((await sendLogin(two.url, { user: 'operator', password: generated })).status).toBe(401)
      await logIn(two.url, 'operator', next)
      const inRedis = (await redis.redis.get('{hookline:console}:password')) ?? ''
      expect(inRedis).toMatch(/^scrypt:32768:8:3:/)
      await Promise.all([two.end(), again.end()])
    })
  })

  test('a bot file and accounts that are broken do not keep it from starting, and it ends in order', async () => {
    const broken = await start({
      HOOKLINE_CONFIG: '/nowhere.yaml',
      LINE_CHANNEL_SECRET: ' ',
      EMULATOR_URL: 'x',
      HOOKLINE_CONSOLE_PASSWORD: password,
    })
    expect(broken.output()).toContain('"bots":[]')
    const client = await logIn(broken.url, 'operator', password)
    const stream = await client.get('/api/tail')
    const ended = stream.text()
    expect(await broken.end()).toBe(0)
    expect(await ended).toContain('retry:')
  })

  test('while Redis is away nobody is let in, and it says why', async () => {
    await redis.kill()
    try {
      const data = await operator.get('/api/session')
      expect([data.status, await data.json()]).toMatchObject([503, { error: 'store_unavailable' }])
      expect((await sendLogin(service.url, { user: 'operator', password })).status).toBe(503)
      expect((await fetch(`${service.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
    } finally {
      await redis.start()
    }
    await eventually(async () => expect((await operator.get('/api/session')).status).toBe(200))
  })

  test('what is secret stands in no log', () => {
    const all = services.map((one) => one.output()).join('\n')
    expect(all).toContain('"audit"')
    for (const secret of [password, viewerPassword, operator.cookie.split('=')[1] ?? '', operator.csrf])
      expect(all).not.toContain(secret)
  })
})

/** Without the tidying of paths that fetch does. */
function rawGet(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .on('error', reject)
      .end()
  })
}
