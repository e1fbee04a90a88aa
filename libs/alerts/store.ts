import { randomUUID } from 'node:crypto'
import { type RedisClient, runScript, script } from '#libs/redis'
import { type Book, emptyBook } from './book'

const prefix = '{hookline-alerts}'
const keys = { lease: `${prefix}:lease`, book: `${prefix}:book` }

/** Longer than one look with the slowest channel: an evaluator that is gone is followed by another after this. */
const leaseMs = 60_000

/**
 * Takes the lease, or keeps it.
 * KEYS  lease
 * ARGV  token, milliseconds
 */
const leaseScript = script(`
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`)

/**
 * Writes the book, if the lease is still held.
 * KEYS  lease, book
 * ARGV  token, milliseconds, book
 */
const writeScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 1
`)

/**
 * Gives the lease away.
 * KEYS  lease
 * ARGV  token
 */
const leaveScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`)

/** Where the evaluators of all consoles keep what they know; one at a time may write. */
export interface AlertStore {
  /** True: this one evaluates now. */
  lead(): Promise<boolean>
  read(): Promise<Book>
  /** False: another one has taken over, and nothing was written. */
  write(book: Book): Promise<boolean>
  leave(): Promise<void>
}

export function createAlertStore(redis: RedisClient): AlertStore {
  const token = randomUUID()
  return {
    lead: async () => (await runScript(redis, leaseScript, [keys.lease], [token, leaseMs])) === 1,
    read: async () => decode(await redis.get(keys.book)),
    write: async (book) => {
      const args = [token, leaseMs, JSON.stringify(book)]
      return (await runScript(redis, writeScript, [keys.lease, keys.book], args)) === 1
    },
    leave: async () => {
      await runScript(redis, leaveScript, [keys.lease], [token])
    },
  }
}

/** A field that an older version did not know is empty. */
function decode(text: string | null): Book {
  return { ...emptyBook(), ...(text === null ? {} : (JSON.parse(text) as Partial<Book>)) }
}
