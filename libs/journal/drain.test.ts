import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../tests/support/eventually'
import { newInstance, segmentName } from './files'
import { drainAll, filesIn, keysOf, newFolder, record, removeFolders } from './journal.test.support'
import { type JournalRecord, encodeRecord } from './record'

afterEach(removeFolders)

const keys = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`)
const bytesOf = (records: JournalRecord[]) => Buffer.concat(records.map(encodeRecord))

/** Puts a file as a process that was killed leaves it. */
function leave(
  dir: string,
  bytes: Buffer,
  { instance = newInstance(), segment = 0, state = 'journal' } = {},
): string {
  const name = `${segmentName(instance, segment)}.${state}`
  writeFileSync(join(dir, name), bytes)
  return name
}

test('a file that breaks off anywhere in its last record gives all that is whole, and reports the rest', async () => {
  const intact = bytesOf([record('e1'), record('e2')])
  const last = encodeRecord(record('e3'))
  const drainCutOff = async (length: number) => {
    const dir = newFolder()
    leave(dir, Buffer.concat([intact, last.subarray(0, length)]))
    const { posted, damages } = await drainAll(dir)
    const places = damages.map(({ offset, bytes }) => [offset, bytes])
    return { length, posted, places, states: filesIn(dir).map((name) => name.split('.')[1]) }
  }
  const lengths = Array.from({ length: last.length - 1 }, (_, i) => i + 1)
  expect(await Promise.all(lengths.map(drainCutOff))).toEqual(
    lengths.map((length) => ({
      length,
      posted: ['e1', 'e2'],
      places: [[intact.length, length]],
      states: ['damaged'],
    })),
  )
  expect(await drainCutOff(0)).toEqual({ length: 0, posted: ['e1', 'e2'], places: [], states: [] })
  const whole = { length: last.length, posted: ['e1', 'e2', 'e3'], places: [], states: [] }
  expect(await drainCutOff(last.length)).toEqual(whole)
})

test('a file that can not be read is put aside, and the others are drained', async () => {
  const dir = newFolder()
  const instance = newInstance()
  mkdirSync(join(dir, `${segmentName(instance, 0)}.journal`))
  leave(dir, bytesOf([record('e1')]), { instance, segment: 1 })
  leave(dir, bytesOf([record('e2', 2)]))
  const { posted, damages } = await drainAll(dir)
  expect(posted).toEqual(['e1', 'e2'])
  const kept = `${segmentName(instance, 0)}.damaged`
  expect(damages).toMatchObject([{ file: join(dir, kept), offset: 0 }])
  expect(filesIn(dir)).toEqual([kept])
})

describe('a damaged file', () => {
  test('gives what is intact on both sides, once, and is kept', async () => {
    const dir = newFolder()
    const bytes = bytesOf([record('e1'), record('e2'), record('e3')])
    const start = encodeRecord(record('e1')).length
    bytes[start + 40]! ^= 0xff
    leave(dir, bytes)
    const { posted, damages } = await drainAll(dir)
    expect(posted).toEqual(['e1', 'e3'])
    const kept = join(dir, filesIn(dir)[0]!)
    expect(damages).toEqual([{ file: kept, offset: start, bytes: encodeRecord(record('e2')).length }])
    expect([kept.split('.').at(-1), readFileSync(kept)]).toEqual(['damaged', bytes])
    expect(await drainAll(dir)).toEqual({ posted: [], damages: [] })
  })

  test('of zeros, as a power cut may leave it, is reported', async () => {
    const dir = newFolder()
    leave(dir, Buffer.concat([bytesOf([record('e1')]), Buffer.alloc(5000)]))
    const { posted, damages } = await drainAll(dir)
    expect([posted, damages.map(({ bytes }) => bytes)]).toEqual([['e1'], [5000]])
  })
})

test('posts in batches, one after the other, and removes the files only then', async () => {
  const dir = newFolder()
  leave(dir, bytesOf(keys(1000).map((key) => record(key))))
  const sizes: number[] = []
  let atOnce = 0
  await drainAll(dir, {
    post: async (records) => {
      expect(++atOnce).toBe(1)
      expect(filesIn(dir)).toHaveLength(1)
      await new Promise((resolve) => setImmediate(resolve))
      sizes.push(records.length)
      atOnce--
    },
  })
  expect(sizes).toEqual([200, 200, 200, 200, 200])
  expect(filesIn(dir)).toEqual([])
})

test('does not gather large events into one huge batch', async () => {
  const dir = newFolder()
  const large = keys(5).map((key) => ({ ...record(key), padding: 'x'.repeat(400_000) }))
  leave(dir, bytesOf(large))
  const batches: string[][] = []
  await drainAll(dir, { post: async (records) => void batches.push(keysOf(records)) })
  expect(batches).toEqual([['e0', 'e1'], ['e2', 'e3'], ['e4']])
})

test('keeps what could not be posted, and goes on there the next time', async () => {
  const dir = newFolder()
  const instance = newInstance()
  leave(dir, bytesOf(keys(300).map((key) => record(key))), { instance, segment: 0 })
  leave(dir, bytesOf([record('last')]), { instance, segment: 1 })
  let posts = 0
  const post = async () => {
    if (++posts === 2) throw new Error('Redis is away')
  }
  await expect(drainAll(dir, { post })).rejects.toThrow('Redis is away')
  expect(filesIn(dir)).toHaveLength(2)
  expect((await drainAll(dir)).posted).toEqual([...keys(300), 'last'])
})

test('removes each file as soon as it is done', async () => {
  const dir = newFolder()
  const instance = newInstance()
  for (const segment of [0, 1, 2])
    leave(dir, bytesOf(keys(200).map((key) => record(`${segment}-${key}`))), { instance, segment })
  const left: number[] = []
  await drainAll(dir, { post: async () => void left.push(filesIn(dir).length) })
  expect(left).toEqual([3, 2, 1])
})

test('stops before the next batch when it is told to', async () => {
  const dir = newFolder()
  leave(dir, bytesOf(keys(1000).map((key) => record(key))))
  const stop = new AbortController()
  const posted: number[] = []
  const post = async (records: JournalRecord[]) => {
    posted.push(records.length)
    stop.abort(new Error('stopped'))
  }
  await expect(drainAll(dir, { post, signal: stop.signal })).rejects.toThrow('stopped')
  expect(posted).toEqual([200])
  expect((await drainAll(dir)).posted).toEqual(keys(1000))
})

describe('files of several processes', () => {
  test('are merged by the time of receipt', async () => {
    const dir = newFolder()
    const [a, b] = [newInstance(new Date(1)), newInstance(new Date(2))]
    leave(dir, bytesOf([record('e1', 1), record('e4', 4)]), { instance: b, segment: 0 })
    leave(dir, bytesOf([record('e6', 6)]), { instance: b, segment: 1, state: 'ready' })
    leave(dir, bytesOf([record('e2', 2), record('e3', 3), record('e5', 5)]), { instance: a })
    expect((await drainAll(dir)).posted).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
    expect(filesIn(dir)).toEqual([])
  })

  test('stay in the order of each process, even where its records are not sorted', async () => {
    const dir = newFolder()
    leave(dir, bytesOf([record('b1', 600), record('b2', 100)]))
    leave(dir, bytesOf([record('a1', 300)]))
    const { posted } = await drainAll(dir)
    expect(posted.filter((key) => key.startsWith('b'))).toEqual(['b1', 'b2'])
    expect(posted).toHaveLength(3)
  })

  test('are drained, however many starts there were', async () => {
    const dir = newFolder()
    const starts = 1500
    for (let i = 0; i < starts; i++)
      leave(dir, bytesOf([record(`e${i}`, i)]), { instance: newInstance(new Date(i)) })
    expect((await drainAll(dir)).posted).toEqual(keys(starts))
  })
})

test('waits for a busy file, whose events may be older than others', async () => {
  const dir = newFolder()
  const busy = leave(dir, bytesOf([record('e1', 1)]), { state: 'busy' })
  leave(dir, bytesOf([record('e2', 2)]))
  const { posted } = await drainAll(dir)
  // Nobody finished it: after its time it is taken like any other.
  expect([posted, readdirSync(dir).includes(busy)]).toEqual([['e1', 'e2'], false])
})

test('gives a tail that is just being written the time to be finished', async () => {
  const dir = newFolder()
  const line = encodeRecord(record('e1'))
  const name = leave(dir, line.subarray(0, 20))
  const drained = drainAll(dir)
  const taken = join(dir, name.replace('.journal', '.ready'))
  await eventually(() => expect(readFileSync(taken).length).toBe(20))
  writeFileSync(taken, line)
  expect(await drained).toEqual({ posted: ['e1'], damages: [] })
})

test('leaves files alone that are not its own', async () => {
  const dir = newFolder()
  writeFileSync(join(dir, 'notes.txt'), 'mine')
  writeFileSync(join(dir, 'x.journal'), 'mine too')
  expect(await drainAll(dir)).toEqual({ posted: [], damages: [] })
  expect(filesIn(dir).sort()).toEqual(['notes.txt', 'x.journal'])
})
