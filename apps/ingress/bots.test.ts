import { type WebhookSettings, signLine, signTocaro } from '#libs/platforms'
import { createBots, receive } from './bots'

const settings: WebhookSettings[] = [
  { platform: 'line', name: 'shop', channelSecret: ['line-secret-EXAMPLE'] },
  { platform: 'lineworks', name: 'desk', botId: '2000001', botSecret: ['works-secret-EXAMPLE'] },
  { platform: 'tocaro', name: 'ops', signingSecret: ['ops-secret-EXAMPLE'] },
  { platform: 'tocaro', name: 'dev', signingSecret: ['dev-secret-EXAMPLE'] },
]

describe('a path', () => {
  const bots = createBots(settings)
  const namesAt = (path: string) => bots.at(path)?.map(({ name }) => name)

  test.each<[string, string[] | undefined]>([
    ['/webhooks/shop', ['shop']],
    ['/webhooks/shop/', ['shop']],
    ['/webhooks/desk', ['desk']],
    ['/webhooks/ops', ['ops']],
    ['/webhooks/ops/', ['ops']],
    ['/webhooks/ops/events', ['ops']],
    ['/webhooks/ops/events/url_verification', ['ops']],
    ['/events', ['ops', 'dev']],
    ['/events/', ['ops', 'dev']],
    ['/events/url_verification', ['ops', 'dev']],
    // A webhook path that leads to no bot is answered like a wrong signature.
    ['/webhooks/nobody', []],
    ['/webhooks/shop/events', []],
    ['/webhooks/desk/x', []],
    ['/webhooks/SHOP', []],
    ['/webhooks/toString', []],
    ['/webhooks/__proto__', []],
    // No webhook path at all.
    ['/', undefined],
    ['/webhooks', undefined],
    ['/webhooks/', undefined],
    ['/events/other', ['ops', 'dev']],
    ['/event', undefined],
    ['/x/events', undefined],
    ['/x/webhooks/shop', undefined],
    ['/healthz', undefined],
  ])('%s leads to %j', (path, names) => {
    expect(namesAt(path)).toEqual(names)
  })

  test('/events leads to nobody where no bot is on Tocaro', () => {
    const [shop] = settings
    expect(createBots(shop ? [shop] : []).at('/events')).toEqual([])
  })
})

describe('receive', () => {
  const bots = createBots(settings)
  const line = (secret: string) => {
    const body = Buffer.from('{"destination":"U0","events":[]}')
    return { headers: { 'x-line-signature': signLine(body, secret) }, body, receivedAt: 1 }
  }
  const handshake = (secret: string) => ({
    headers: {},
    body: signTocaro(Buffer.from('{"type":"url_verification","challenge":"c1"}'), secret),
    receivedAt: 1,
  })

  test('gives the request to the bot of the path', () => {
    const { bot, received } = receive(bots.at('/webhooks/shop') ?? [], line('line-secret-EXAMPLE'))
    expect([bot?.name, received]).toEqual(['shop', { kind: 'events', events: [] }])
  })

  test.each(['ops', 'dev'])('finds %s among the Tocaro bots by the token in the body', (name) => {
    const { bot, received } = receive(bots.at('/events') ?? [], handshake(`${name}-secret-EXAMPLE`))
    expect([bot?.name, received.kind]).toEqual([name, 'challenge'])
  })

  test('names the bot of a refusal where there is only one that it can be for', () => {
    const { bot, received } = receive(bots.at('/webhooks/shop') ?? [], line('wrong'))
    expect([bot?.name, received]).toEqual([
      'shop',
      { kind: 'refused', status: 401, reason: 'signature_mismatch' },
    ])
  })

  test('names no bot of a refusal at a path that several share', () => {
    const { bot, received } = receive(bots.at('/events') ?? [], handshake('wrong'))
    expect([bot, received]).toEqual([undefined, { kind: 'refused', status: 401, reason: 'token_mismatch' }])
  })

  test('refuses a request to no bot like one with a wrong signature', () => {
    const { bot, received } = receive([], line('line-secret-EXAMPLE'))
    expect([bot, received]).toEqual([
      undefined,
      { kind: 'refused', status: 401, reason: 'signature_mismatch' },
    ])
  })
})
