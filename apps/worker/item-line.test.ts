import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Item, newItem } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import type { Effort } from './effort'
import { type Try, itemLine } from './item-line'

const conversation = { kind: 'user', id: 'U1' } as const
const call = { operation: 'push', target: conversation, messages: [{ text: 'said' }, {}] }
const attempt = {
  at: 1,
  step: 'send',
  code: 'api_unavailable',
  words: 'LINE push answered 503: busy',
} as const
const effort: Effort = { handlerMs: 1.234, permitWaitMs: 0.04, sendMs: 20, replySecondsLeft: 55.55 }

function tried(more: Partial<Try> = {}, itemMore: Partial<Item> = {}): Try {
  const base = { key: 'e1', bot: 'shop', platform: 'line', occurredAt: 1, receivedAt: 1, raw: {} } as const
  const item = { ...newItem({ ...base, type: 'text', text: 'said', conversation }, 1000), ...itemMore }
  return {
    ...{ bot: 'shop', head: { item, crashes: 0 }, outcome: { kind: 'done' }, effort: {} },
    ...{ failuresBefore: 0, startedAt: 3000, traceId: undefined },
    ...more,
  }
}

test('tells one try of an item', () => {
  const item = { failures: 1, attempts: [attempt], calls: [{ ...call, state: 'waiting' } as const] }
  const pushes = [[{ ...call, state: 'sent' } as const], [{ ...call, state: 'sent' } as const]]
  const line = itemLine(tried({ effort, outcome: { kind: 'retry', delayMs: 999.5 } }, { ...item, pushes }))
  expect(line).toEqual({
    ...{ bot: 'shop', platform: 'line', event: 'e1', type: 'text', conversation: 'user:U1' },
    ...{ attempt: 1, starts: 1, failures: 1, wait_ms: 2000, work_ms: expect.any(Number) },
    ...{ handler_ms: 1.2, permit_wait_ms: 0, send_ms: 20, reply_seconds_left: 55.6 },
    ...{ messages: 6, calls: { sent: 2, waiting: 1 } },
    ...{ outcome: 'retry', reason: 'api_unavailable', delay_ms: 1000, words: attempt.words },
  })
  expect(JSON.stringify(line)).not.toContain('said')
})

test('says why an item waits, without the words of an older failure', () => {
  const outcome = { kind: 'postpone', delayMs: 5000, reason: 'closed' } as const
  const line = itemLine(tried({ outcome, failuresBefore: 1 }, { failures: 1, attempts: [attempt] }))
  expect(line).toMatchObject({ attempt: 2, outcome: 'postpone', reason: 'closed', delay_ms: 5000 })
  expect(line).not.toHaveProperty('words')
})

test('docs/metrics.md lists exactly the fields that are written', () => {
  const written = new Set<string>()
  const destination = {
    write: (line: string) => Object.keys(JSON.parse(line) as object).forEach((key) => written.add(key)),
  }
  const log = createLogger({ name: 'worker', level: 'info', destination })
  const outcomes: Try['outcome'][] = [
    { kind: 'done', reason: 'standby' },
    { kind: 'retry', delayMs: 1 },
    { kind: 'postpone', delayMs: 1, reason: 'limit' },
    { kind: 'park', reason: 'rejected', explanation: 'no' },
  ]
  for (const outcome of outcomes)
    log.info(itemLine(tried({ outcome, effort, traceId: 'a' }, { replays: 1, attempts: [attempt] })), 'item')
  const page = readFileSync(join(__dirname, '../../docs/metrics.md'), 'utf8')
  const section = page.split('## Log lines')[1]?.split('## ')[0] ?? ''
  const listed = [...section.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap((row) => row[1]?.match(/\w+/g) ?? [])
  expect(listed.sort()).toEqual([...written].sort())
})
