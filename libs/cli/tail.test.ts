import { feedLine } from './tail'

const plain = (_format: unknown, text: string) => text
const entry = { kind: 'item', at: 0, bot: 'shop', platform: 'line', type: 'text' } as const

test('a line says what became of an item, and how long it took', () => {
  const line = feedLine(
    {
      ...{ ...entry, conversation: 'user:U1', outcome: 'retry', reason: 'api_unavailable', attempt: 2 },
      ...{ wait_ms: 12_345, work_ms: 51.2, delay_ms: 2000 },
    },
    plain,
  )
  expect(line).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} {2}shop {10}retry {5}text {8}user:U1 +api_unavailable, try 2, waited 12 s, worked 51 ms, again in 2.0 s$/,
  )
})

test('what strangers chose can not move the cursor', () => {
  expect(feedLine({ ...entry, conversation: 'user:\u001b[2J' }, plain)).not.toContain('\u001b')
})
