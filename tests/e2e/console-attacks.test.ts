import { connect } from 'node:net'
import { type ConsoleClient, logIn, sendLogin } from '../support/console-client'
import { eventually } from '../support/eventually'
import { type RedisServer, createRedisServer, describeWithRedisServer } from '../support/redis-server'
import { type Service, killLeftovers, startService } from '../support/stack'

/* What no browser and no form sends: the real process must refuse it calmly, without an error of its own. */

const password = 'correct horse battery'
const viewerPassword = 'look but do not touch'

describeWithRedisServer('the console under attack', () => {
  let redis: RedisServer
  let service: Service
  let operator: ConsoleClient
  let viewer: ConsoleClient

  beforeAll(async () => {
    redis = await createRedisServer()
    await redis.start()
    await redis.redis.hset('{hookline:shop}:drain:meta', 'version', 'bullmq')
    service = await startService('console', {
      REDIS_URL: redis.url,
      HOOKLINE_CONSOLE_PASSWORD: password,
      HOOKLINE_CONSOLE_VIEWER_PASSWORD: viewerPassword,
    })
    operator = await logIn(service.url, 'operator', password)
    viewer = await logIn(service.url, 'viewer', viewerPassword)
  })
  afterAll(async () => {
    expect(service.output()).not.toContain('request failed')
    killLeftovers()
    await redis.remove()
  })

  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const cursor = (text: string) => Buffer.from(text).toString('base64url')

  test.each(['__proto__', 'constructor', 'toString'])('%s is the name of nobody', async (user) => {
    expect((await sendLogin(service.url, { user, password })).status).toBe(401)
  })

  test.each([['constructor'], ['__proto__'], [['operator']], [5], [{}], [null]])(
    'a cookie that says it is of %j is none',
    async (kid) => {
      const token = [part({ alg: 'HS256', kid }), part({ jti: 'x', exp: 9_999_999_999 }), 'AAAA'].join('.')
      const cookie = `hookline_console=${token}`
      expect((await fetch(`${service.url}/api/session`, { headers: { cookie } })).status).toBe(401)
    },
  )

  const lines: [what: string, request: string, status: RegExp][] = [
    ['an absolute address', 'GET http://evil.example/api/session HTTP/1.1\r\nHost: x', /401/],
    ['all at once', 'OPTIONS * HTTP/1.1\r\nHost: x', /401/],
    ['a doubled slash', 'GET //api/session HTTP/1.1\r\nHost: x', /303/],
    ['a path beside the login', 'GET /login/..;/api/session HTTP/1.1\r\nHost: x', /303/],
    ['a path above the health check', 'GET /healthz/../api/session HTTP/1.1\r\nHost: x', /303/],
    ['an encoded path', 'GET /login/%2e%2e/api/session HTTP/1.1\r\nHost: x', /303/],
    ['no host', 'GET /api/session HTTP/1.0', /401/],
    ['TRACE', 'TRACE /api/session HTTP/1.1\r\nHost: x', /401/],
    [
      'an overridden method and path',
      'GET /api/session HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: POST\r\nX-Original-URL: /login',
      /401/,
    ],
    [
      'two lengths',
      'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked',
      /400/,
    ],
    ['an unknown coding', 'POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked', /400/],
    ['a huge header', `GET /login HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}`, /431/],
  ]
  test.each(lines)('a request line of another kind: %s', async (_what, request, status) => {
    const answer = await spoken(service.url, `${request}\r\nConnection: close\r\n\r\n`)
    expect(answer.split('\r\n')[0]).toMatch(status)
    expect(answer).not.toMatch(/"csrf"|location: (?!\/login\?to=)/i)
  })

  test.each([
    '/api/audit?cursor=99999999999999999999999999-1',
    '/api/audit?cursor=x',
    '/api/audit?cursor=1-1&cursor=1-1',
    `/api/conversations?cursor=${cursor('x')}`,
    '/api/conversations?bot=shop&bot=shop',
    '/api/conversations?bot=shop%7D',
    '/api/conversations?limit=1e9',
    '/api/conversations/shop/user:U1?cursor=!!',
    '/api/stories/shop/x?lane=a&lane=b',
    '/api/dead-letters?cursor=x',
    '/api/dead-letters?bot=__proto__',
    '/api/dead-letters?__proto__=1',
    '/api/history?minutes=1e9',
  ])('%s is refused', async (path) => {
    expect((await operator.get(path)).status).toBe(400)
  })

  test.each(['/api/audit?cursor=0-0', `/api/conversations?cursor=${cursor('9999999999999999 shop \0')}`])(
    '%s leads nowhere',
    async (path) => expect((await operator.get(path)).status).toBe(200),
  )

  test('a name is not a way to other keys, nor a conversation a bot', async () => {
    const lane = 'user:x}:drain:meta'
    const hostile = 'shop}:lane:user:x'
    await redis.redis.hset(`{hookline:shop}:lane:${lane}`, 'version', 'bullmq')
    const at = encodeURIComponent(hostile)
    for (const path of [`/api/conversations/${at}/user:U1`, `/api/stories/${at}/x`, `/api/conversations/*/x`])
      expect((await operator.get(path)).status).toBe(404)
    for (const [path, body] of [
      [`/api/bots/${at}/pause`, {}],
      ['/api/reveal', { bot: hostile, story: 'x' }],
      ['/api/erase', { bot: hostile, userId: 'U1' }],
    ] as const)
      expect([400, 404]).toContain((await operator.post(path, body)).status)
    const { queues } = (await (await operator.get('/queues/api/queues')).json()) as {
      queues: { name: string }[]
    }
    expect(queues.map(({ name }) => name)).toEqual(['shop.drain', 'shop.timer'])
    await redis.redis.del(`{hookline:shop}:lane:${lane}`)
  })

  test('a viewer can do nothing that an operator can', async () => {
    const own = { 'sec-fetch-site': 'same-origin' }
    const actions: [path: string, body: object][] = [
      ['/api/bots/shop/pause', {}],
      ['/api/bots/shop/resume', {}],
      ['/api/bots/shop/hold', {}],
      ['/api/bots/shop/release', {}],
      ['/api/reveal', { bot: 'shop', story: 'x' }],
      ['/api/erase', { bot: 'shop', userId: 'U1' }],
      ['/api/dead-letters/replay', { filter: {}, expect: 0 }],
      ['/api/dead-letters/discard', { filter: {}, expect: 0 }],
      ['/api/alerts/test', {}],
      ['/API/Alerts/Test/', {}],
    ]
    for (const [path, body] of actions)
      expect([path, (await viewer.post(path, body, own)).status]).toEqual([path, 403])
    expect((await viewer.get('/api/conversations?text=a')).status).toBe(403)
    expect((await viewer.get('/api/conversations?text=&text=a')).status).toBe(403)
  })

  describe('the live events', () => {
    test('HEAD is answered at once', async () => {
      const headers = { cookie: viewer.cookie }
      const { status } = await fetch(`${service.url}/api/tail`, { method: 'HEAD', headers })
      expect(status).toBe(200)
    })

    test('are for so many windows of one name, and for more once some are closed', async () => {
      const stop = new AbortController()
      const open = () =>
        fetch(`${service.url}/api/tail`, { headers: { cookie: viewer.cookie }, signal: stop.signal })
      const statuses = await Promise.all(Array.from({ length: 55 }, async () => (await open()).status))
      expect(statuses.filter((status) => status === 200)).toHaveLength(50)
      expect(statuses.filter((status) => status === 429)).toHaveLength(5)
      stop.abort()
      await eventually(async () => {
        const again = new AbortController()
        const headers = { cookie: viewer.cookie }
        const { status } = await fetch(`${service.url}/api/tail`, { headers, signal: again.signal })
        again.abort()
        expect(status).toBe(200)
      })
    })
  })
})

/** What a server answers to these bytes until it closes the connection. */
function spoken(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
