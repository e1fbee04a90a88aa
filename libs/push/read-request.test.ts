import type { Message } from '#libs/contract'
import { PushProblem } from './problem'
import { readPushRequest } from './read-request'
import type { PushRequest } from './request-schema'

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** Does not compile when bots can say something that the push API does not take. */
export const takes = (message: Message): DeepReadonly<PushRequest['messages'][number]> => message

const to = { user: 'U1' }
const hi = { type: 'text', text: 'hi' }

const read = (request: unknown, platform: Parameters<typeof readPushRequest>[1] = 'line') =>
  readPushRequest(Buffer.from(typeof request === 'string' ? request : JSON.stringify(request)), platform)

function refusal(request: unknown, platform?: Parameters<typeof readPushRequest>[1]) {
  try {
    read(request, platform)
  } catch (error) {
    if (error instanceof PushProblem) return error.answer().error
    throw error
  }
  throw new Error('it was taken')
}

test('reads target and messages', () => {
  expect(read({ to, messages: [hi] })).toMatchObject({ target: { kind: 'user', id: 'U1' }, messages: [hi] })
})

test('gives equal requests one digest, whatever the order of their keys, and others another', () => {
  const native = { type: 'native', platform: 'line', message: { type: 'text', text: 'x' } }
  const turned = { message: { text: 'x', type: 'text' }, platform: 'line', type: 'native' }
  const { digest } = read({ to, messages: [hi, native] })
  expect(read({ messages: [{ text: 'hi', type: 'text' }, turned], to }).digest).toBe(digest)
  for (const other of [
    { to: { user: 'U2' }, messages: [hi, native] },
    { to: { group: 'U1' }, messages: [hi, native] },
    { to, messages: [native, hi] },
    { to, messages: [hi, { ...native, message: { type: 'text', text: 'y' } }] },
  ])
    expect(read(other).digest).not.toBe(digest)
})

test.each<[string, unknown, string]>([
  ['no target', { messages: [hi] }, 'to'],
  ['two targets', { to: { user: 'U1', group: 'C1' }, messages: [hi] }, 'to'],
  ['an empty target', { to: {}, messages: [hi] }, 'to'],
  ['an unknown kind of target', { to: { people: 'U1' }, messages: [hi] }, 'to.people'],
  ['an id that would climb up a path', { to: { user: '..' }, messages: [hi] }, 'to.user'],
  ['an id with a line break', { to: { user: 'U1\nx' }, messages: [hi] }, 'to.user'],
  ['no messages', { to }, 'messages'],
  ['an empty list', { to, messages: [] }, 'messages'],
  ['51 messages', { to, messages: Array(51).fill(hi) }, 'messages[50]'],
  ['a text that is no text', { to, messages: [hi, { type: 'text', text: 5 }] }, 'messages[1].text'],
  ['an empty text', { to, messages: [{ type: 'text', text: '' }] }, 'messages[0].text'],
  ['an unknown type', { to, messages: [{ type: 'txt', text: 'hi' }] }, 'messages[0].type'],
  ['no type', { to, messages: [{ text: 'hi' }] }, 'messages[0].type'],
  ['a bare text', { to, messages: ['hi'] }, 'messages[0]'],
  ['a wrong field', { to, messages: [{ ...hi, quickReply: [] }] }, 'messages[0].quickReply'],
  [
    'a 14th quick reply',
    { to, messages: [{ ...hi, quickReplies: Array(14).fill('a') }] },
    'messages[0].quickReplies[13]',
  ],
  [
    'a quick reply without its data',
    { to, messages: [{ ...hi, quickReplies: ['a', { type: 'postback', label: 'a' }] }] },
    'messages[0].quickReplies[1].data',
  ],
  [
    'a quick reply of an unknown type',
    { to, messages: [{ ...hi, quickReplies: [{ type: 'x' }] }] },
    'messages[0].quickReplies[0].type',
  ],
  [
    'a quick reply that is a number',
    { to, messages: [{ ...hi, quickReplies: [7] }] },
    'messages[0].quickReplies[0]',
  ],
  [
    'a place outside the world',
    { to, messages: [{ type: 'location', title: 'a', address: 'b', latitude: 91, longitude: 0 }] },
    'messages[0].latitude',
  ],
  ['a field beside', { to, messages: [hi], notify: true }, 'notify'],
])('refuses %s, naming the field', (_name, request, field) => {
  const { code, message, ...rest } = refusal(request)
  expect([code, rest.field]).toEqual(['request_invalid', field])
  expect(message.startsWith(`${field} `)).toBe(true)
})

test('names all that is wrong, ten at most', () => {
  const { problems } = refusal({ to, messages: Array(20).fill({ type: 'text' }) })
  expect(problems?.map(({ field }) => field)).toEqual(
    Array.from({ length: 10 }, (_, i) => `messages[${i}].text`),
  )
})

test.each<[Parameters<typeof readPushRequest>[1], string]>([
  ['line', 'channel'],
  ['lineworks', 'group'],
  ['lineworks', 'room'],
  ['tocaro', 'user'],
  ['tocaro', 'room'],
])('refuses what %s can’t be sent to: a %s', (platform, kind) => {
  expect(refusal({ to: { [kind]: 'X1' }, messages: [hi] }, platform)).toMatchObject({
    code: 'target_invalid',
    field: `to.${kind}`,
  })
})

test('refuses what the platform can’t be sent before anything is queued', () => {
  const native = { type: 'native', platform: 'line', message: { type: 'text', text: 'hi' } }
  expect(refusal({ to, messages: [hi, native] }, 'lineworks')).toMatchObject({
    code: 'message_invalid',
    field: expect.stringMatching(/^messages\[1\]/),
  })
})

describe('hostile input', () => {
  const nested = (depth: number) => `{"to":{"user":"U1"},"messages":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const withMessage = (json: string) =>
    `{"to":{"user":"U1"},"messages":[{"type":"native","platform":"line","message":${json}}]}`

  test.each<[string, string, string]>([
    ['nothing', '', 'not_json'],
    ['half of it', '{"to":{"user":"U1"', 'not_json'],
    ['null', 'null', 'request_invalid'],
    ['a list', '[]', 'request_invalid'],
    ['a number', '1e400', 'request_invalid'],
    ['nesting without end', nested(200_000), 'request_invalid'],
    [
      'nesting within a native message',
      withMessage('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)),
      'request_invalid',
    ],
    ['a long list', `{"to":{"user":"U1"},"messages":[${'1,'.repeat(500_000)}1]}`, 'request_invalid'],
    ['a long list within', withMessage(`{"a":[${'1,'.repeat(500_000)}1]}`), 'request_invalid'],
    ['many values', withMessage(`{"a":[${`[${'1,'.repeat(900)}1],`.repeat(100)}1]}`), 'request_invalid'],
    ['__proto__', withMessage('{"__proto__":{"polluted":1}}'), 'request_invalid'],
    ['__proto__ at the top', '{"__proto__":{"to":{"user":"U1"}},"messages":[]}', 'request_invalid'],
    ['constructor as a target', '{"to":{"constructor":"U1"},"messages":[]}', 'request_invalid'],
    [
      'half a surrogate pair',
      '{"to":{"user":"U1"},"messages":[{"type":"text","text":"\\ud83d"}]}',
      'request_invalid',
    ],
    ['half a pair in a key', withMessage('{"\\udc00":1}'), 'request_invalid'],
  ])('%s is refused, and soon', (_name, body, code) => {
    expect(refusal(body).code).toBe(code)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('bytes that are not UTF-8 are refused; a byte order mark is not', () => {
    const latin1 = Buffer.from('{"to":{"user":"U1"},"messages":[{"type":"text","text":"é"}]}', 'latin1')
    expect(() => readPushRequest(latin1, 'line')).toThrow(/UTF-8/)
    expect(read(`\uFEFF${JSON.stringify({ to, messages: [hi] })}`).messages).toEqual([hi])
  })
})
