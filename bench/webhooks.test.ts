import { createWebhook } from '#libs/platforms'
import { bodyOf, partsOf, requestOf } from './webhooks'

const secret = 'a-channel-secret'
const at = Date.UTC(2030, 0, 2)
const webhook = createWebhook({ platform: 'line', name: 'line', channelSecret: [secret] })

test('a request is authentic and about as long as those of LINE', () => {
  const { path, headers, body } = partsOf(
    requestOf(bodyOf({ number: 1, user: 2, text: 'Hello', at }), secret),
  )
  expect(path).toBe('/webhooks/line')
  expect(body.length).toBeGreaterThan(400)
  expect(body.length).toBeLessThan(600)
  expect(webhook.receive({ headers, body, receivedAt: at })).toMatchObject({
    kind: 'events',
    events: [
      { type: 'text', text: 'Hello', conversation: { kind: 'user', id: `U${'2'.padStart(32, '0')}` } },
    ],
  })
})

test('all requests are equally long, and no two are the same event', () => {
  const requests = [0, 9, 10, 123_456].map((number) =>
    requestOf(bodyOf({ number, user: number % 10, text: 'Hello', at }), secret),
  )
  expect(new Set(requests.map(({ length }) => length)).size).toBe(1)
  const keys = requests.map((request) => {
    const { headers, body } = partsOf(request)
    const received = webhook.receive({ headers, body, receivedAt: at })
    return received.kind === 'events' ? received.events[0]?.key : undefined
  })
  expect(new Set(keys).size).toBe(4)
  expect(keys).not.toContain(undefined)
})
