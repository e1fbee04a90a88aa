import type { Step, Story } from '../../libs/contract/story'
import type { ChatLine, Exchange, PageState } from '../../libs/emulator/page-types'

/** What a person would see after some minutes of play: for tests of the panels and for looking at them. */
export function somePageState(): PageState {
  const now = Date.now()
  const lines = [
    userLine({ id: 'l1', webhook: 'w-quick', text: 'ping', at: now - 60_000 }),
    userLine({ id: 'l2', webhook: 'w-429', text: '明日の予約を確認したいです', at: now - 30_000 }),
    userLine({ id: 'l3', webhook: 'w-parked', text: '<img src=x onerror=alert(1)>', at: now - 20_000 }),
    userLine({ id: 'l4', webhook: 'w-waits', text: 'Are you there?', at: now - 3_000 }),
  ]
  return {
    at: now,
    version: '0.1.0',
    platforms: [
      {
        platform: 'line',
        bot: 'line',
        botName: 'Hookline',
        webhookUrl: 'http://127.0.0.1:3000/webhooks/line',
        users: [{ id: 'U1', name: 'Hanako' }],
        rooms: [],
        lines,
      },
    ],
    faults: [],
    backstage: {
      available: true,
      stories: true,
      redis: 'up',
      worker: { pid: 4711, startedAt: now - 90_000, kills: 0 },
    },
    scenario: { recording: false, steps: 0 },
    seq: 10,
  }
}

interface UserLine {
  id: string
  webhook: string
  text: string
  at: number
}

function userLine({ id, webhook, text, at }: UserLine): ChatLine {
  return {
    seq: 1,
    id,
    at,
    platform: 'line',
    lane: 'user:U1',
    from: { kind: 'user', id: 'U1', name: 'Hanako' },
    message: { type: 'text', text },
    delivery: { status: 200, outcome: 'delivered', ms: 4 },
    webhook,
  }
}

const arrival: Step[] = [
  { name: 'received', at: 0 },
  { name: 'verified', at: 1 },
  { name: 'stored', at: 4, ms: 3 },
]

/** By the id of the webhook. */
export function someStories(): Record<string, Story> {
  const now = Date.now()
  return {
    'w-quick': story(now - 60_000, [
      ...arrival,
      { name: 'waited', at: 4, ms: 3 },
      { name: 'handler', at: 7, ms: 12 },
      { name: 'permit', at: 19, ms: 1 },
      { name: 'send', at: 20, ms: 38, status: 200, operation: 'reply', requestId: 'b8f0-11' },
      { name: 'delivered', at: 58 },
    ]),
    'w-429': story(now - 30_000, [
      ...arrival,
      { name: 'waited', at: 4, ms: 3, code: 'behind_others' },
      { name: 'handler', at: 7, ms: 3 },
      { name: 'permit', at: 10, ms: 1 },
      { name: 'token', at: 11, ms: 9 },
      { name: 'send', at: 20, ms: 31, status: 429, code: 'api_rate_limited', operation: 'push' },
      { name: 'waited', at: 51, ms: 10_012, code: 'closed' },
      { name: 'permit', at: 10_063, ms: 2, code: 'limit' },
      { name: 'send', at: 10_065, ms: 35, status: 200, operation: 'push', requestId: '7cbb-02' },
      { name: 'delivered', at: 10_100 },
    ]),
    'w-parked': story(
      now - 20_000,
      [
        ...arrival,
        { name: 'handler', at: 6, ms: 5, code: 'handler_threw' },
        { name: 'waited', at: 11, ms: 1000, code: 'handler_threw' },
        { name: 'handler', at: 1011, ms: 4, code: 'handler_threw' },
        { name: 'waited', at: 1015, ms: 2000, code: 'handler_threw' },
        { name: 'handler', at: 3015, ms: 4, code: 'handler_threw' },
        { name: 'parked', at: 3019, code: 'attempts_used_up' },
      ],
      { state: 'parked', reason: 'attempts_used_up', failures: 3 },
    ),
    'w-waits': waiting(story(now - 3000, arrival, { state: 'waiting', reason: 'breaker' })),
  }
}

function story(from: number, steps: Step[], rest: Partial<Story> = {}): Story {
  const last = steps.at(-1)
  return {
    id: 'E1',
    bot: 'line',
    platform: 'line',
    lane: 'user:U1',
    conversation: { kind: 'user', id: 'U1' },
    type: 'text',
    occurredAt: from,
    receivedAt: from,
    storedAt: from + 4,
    endedAt: from + (last?.at ?? 0) + (last?.ms ?? 0),
    state: 'done',
    failures: 0,
    steps: steps.map((step) => ({ ...step, at: from + step.at })),
    answers: [],
    ...rest,
  }
}

function waiting(over: Story): Story {
  const open = { ...over }
  delete open.endedAt
  return open
}

/** One webhook, one answered call, one refused by a fault, one without an answer. */
export function someExchanges(): Exchange[] {
  const json = { 'content-type': 'application/json' }
  const signed = { ...json, 'x-line-signature': 'Zq0m8sT0uJ3yq6l8yX1l2pQ3vWc0mE9uL5hS7nB4kYo=' }
  const signature = {
    header: 'x-line-signature',
    value: signed['x-line-signature'],
    algorithm: 'HMAC-SHA256, Base64',
    over: 'raw body',
    good: true,
  }
  const push = { operation: 'push', method: 'POST', url: '/v2/bot/message/push' }
  return [
    exchange(1, {
      direction: 'webhook',
      operation: 'text',
      method: 'POST',
      url: 'http://127.0.0.1:3000/webhooks/line',
      requestHeaders: signed,
      requestBody:
        '{"destination":"U0","events":[{"type":"message","message":{"type":"text","text":"<b>ping</b>"}}]}',
      signature,
    }),
    exchange(2, {
      operation: 'reply',
      method: 'POST',
      url: '/v2/bot/message/reply',
      requestHeaders: { ...json, authorization: 'Bearer …' },
      requestBody: '{"replyToken":"r1","messages":[{"type":"text","text":"pong"}]}',
      responseBody: '{"sentMessages":[{"id":"461230966842064897"}]}',
    }),
    exchange(3, { ...push, status: 429, fault: '429', responseBody: '{"message":"Too many requests"}' }),
    exchange(4, { ...push, status: 0, fault: 'timeout', ms: 10_000, responseHeaders: {}, responseBody: '' }),
  ]
}

function exchange(seq: number, rest: Partial<Exchange>): Exchange {
  return {
    seq,
    id: `x${seq}`,
    at: Date.now() - 60_000 + seq * 1000,
    direction: 'api',
    platform: 'line',
    operation: 'push',
    method: 'POST',
    url: '/',
    status: 200,
    ms: 4,
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: '{}',
    responseHeaders: { 'content-type': 'application/json' },
    responseBody: '{}',
    curl: `curl -X POST 'http://127.0.0.1:3002${rest.url ?? '/'}' -H "Authorization: Bearer $LINE_CHANNEL_ACCESS_TOKEN" --data '{}'`,
    variables: ['LINE_CHANNEL_ACCESS_TOKEN'],
    ...rest,
  }
}
