import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event, PlatformName, Received, Webhook } from '#libs/contract'

/**
 * One recorded webhook and what it must become. `body` is a string where the exact bytes matter
 * (escapes, white space), else an object that is sent as compact JSON.
 */
export interface Fixture {
  name: string
  body: unknown
  /** One entry per event: each field given must be equal in the event that comes out. */
  events: (Record<string, unknown> & { type: Event['type'] })[]
}

export interface ConformanceSubject {
  platform: PlatformName
  /** A webhook of the bot `subject` whose accepted secrets are `secrets`, newest first. */
  createWebhook(secrets: string[]): Webhook
  /** The body and headers that the platform would send for these bytes under `secret`. */
  sign(body: Buffer, secret: string): { headers: Record<string, string>; body: Buffer }
  /** Authentic bytes that are no event of this platform. */
  garbage: string[]
}

/** Reads `fixtures/*.json` of a platform folder. */
export function readFixtures(folder: string): Fixture[] {
  return JSON.parse(readFileSync(join(folder, 'fixtures', 'events.json'), 'utf8')) as Fixture[]
}

/** The suite that each platform passes with its own recorded payloads. */
export function describeConformance(subject: ConformanceSubject, fixtures: Fixture[]): void {
  const secret = 'current-secret'
  const receivedAt = 1_790_000_000_500
  const webhook = subject.createWebhook([secret, 'previous-secret'])

  const deliver = (body: unknown, signedWith = secret): Received => {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    return webhook.receive({ ...subject.sign(bytes, signedWith), receivedAt })
  }
  const eventsOf = (received: Received): Event[] => {
    if (received.kind !== 'events') throw new Error(`expected events, got ${JSON.stringify(received)}`)
    return received.events
  }
  const sample = fixtures.find((f) => f.events.length > 0)
  if (!sample) throw new Error(`${subject.platform} has no fixture with an event`)

  describe(`${subject.platform} webhook conformance`, () => {
    test.each(fixtures.map((f) => [f.name, f] as const))('normalises %s', (_name, fixture) => {
      const events = eventsOf(deliver(fixture.body))
      expect(events).toHaveLength(fixture.events.length)
      events.forEach((event, i) => {
        expect(event).toMatchObject({
          platform: subject.platform,
          bot: 'subject',
          receivedAt,
          ...fixture.events[i],
        })
        expect(event.key).toMatch(/^\S{8,}$/)
        expect(Number.isFinite(event.occurredAt)).toBe(true)
      })
    })

    test('accepts every configured secret, for rotation', () => {
      expect(deliver(sample.body, 'previous-secret').kind).toBe('events')
    })

    test('refuses bytes signed with another secret', () => {
      expect(deliver(sample.body, 'forged-secret')).toMatchObject({ kind: 'refused', status: 401 })
    })

    test('gives the same key to the same bytes and different keys to different events', () => {
      const [first, again] = [eventsOf(deliver(sample.body)), eventsOf(deliver(sample.body))]
      expect(again.map((e) => e.key)).toEqual(first.map((e) => e.key))
      const keys = fixtures.flatMap((f) => eventsOf(deliver(f.body)).map((e) => e.key))
      expect(new Set(keys).size).toBe(keys.length)
    })

    test.each(subject.garbage)('keeps authentic garbage %j as unknown, without a conversation', (garbage) => {
      const events = eventsOf(deliver(garbage))
      expect(events).toMatchObject([{ type: 'unknown', conversation: { kind: 'none' } }])
    })

    test('puts no secret into what is stored', () => {
      for (const fixture of fixtures) expect(JSON.stringify(deliver(fixture.body))).not.toContain(secret)
    })

    test('survives any JSON value in any place', () => {
      const values = [null, true, 0, -1, 1e308, '', 'x', [], {}, [null], { type: null }]
      for (const fixture of fixtures) {
        for (const mutant of mutants(toJson(fixture.body), values)) {
          expect(['events', 'challenge', 'refused']).toContain(deliver(mutant).kind)
        }
      }
    })
  })
}

function toJson(body: unknown): unknown {
  return typeof body === 'string' ? (JSON.parse(body) as unknown) : body
}

/** The value with each of its places replaced by each of `values`, one at a time. */
function* mutants(value: unknown, values: unknown[]): Generator {
  yield* values
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    for (const mutant of mutants(child, values)) {
      yield Array.isArray(value)
        ? value.map((v: unknown, i) => (String(i) === key ? mutant : v))
        : { ...value, [key]: mutant }
    }
  }
}
