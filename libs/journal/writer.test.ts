import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../tests/support/eventually'
import { drainAll, filesIn, newFolder, record, removeFolders } from './journal.test.support'
import { encodeRecord } from './record'
import { createWriter } from './writer'

afterEach(removeFolders)

const line = (key: string) => encodeRecord(record(key))
const keys = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `e${from + i}`)

test('has written what it says is written, in order', async () => {
  const dir = newFolder()
  const writer = createWriter(dir)
  await Promise.all(keys(0, 50).map((key) => writer.append(line(key))))
  expect(filesIn(dir)).toHaveLength(1)
  expect(readFileSync(join(dir, filesIn(dir)[0]!))).toEqual(Buffer.concat(keys(0, 50).map(line)))
  await writer.close()
})

test('makes the folder when it is missing, for its owner only', async () => {
  const dir = join(newFolder(), 'deeper', 'still')
  const writer = createWriter(dir)
  await writer.append(line('e1'))
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  expect(statSync(join(dir, filesIn(dir)[0]!)).mode & 0o777).toBe(0o600)
  await writer.close()
  rmSync(dir, { recursive: true })
})

test('begins another file when one is large, and gives the full one away', async () => {
  const dir = newFolder()
  const writer = createWriter(dir, { maxFileBytes: 500 })
  for (const key of keys(0, 10)) await writer.append(line(key))
  expect(filesIn(dir).length).toBeGreaterThan(3)
  expect(filesIn(dir).filter((name) => name.endsWith('.journal'))).toHaveLength(1)
  expect((await drainAll(dir)).posted).toEqual(keys(0, 10))
  await writer.close()
})

test('gives its file away when it is closed', async () => {
  const dir = newFolder()
  const writer = createWriter(dir)
  void writer.append(line('e1'))
  await writer.close()
  expect(filesIn(dir).map((name) => name.split('.')[1])).toEqual(['ready'])
  expect((await drainAll(dir)).posted).toEqual(['e1'])
})

test('writes on elsewhere when its file was taken between two commits', async () => {
  const dir = newFolder()
  const writer = createWriter(dir)
  await writer.append(line('e1'))
  expect((await drainAll(dir)).posted).toEqual(['e1'])
  await writer.append(line('e2'))
  expect((await drainAll(dir)).posted).toEqual(['e2'])
  expect(filesIn(dir)).toEqual([])
  await writer.close()
})

test('writes a batch again when its file is taken, read and removed during the commit', async () => {
  const dir = newFolder()
  const writer = createWriter(dir)
  await writer.append(line('e1'))
  const file = join(dir, filesIn(dir)[0]!)
  const sizeBefore = statSync(file).size
  // Large, so that the commit takes long enough to be seen.
  const large = Buffer.concat(keys(0, 100_000).map(line))
  const appended = writer.append(large)
  await eventually(() => expect(statSync(file).size).toBeGreaterThan(sizeBefore))
  renameSync(file, `${file}.gone`)
  rmSync(`${file}.gone`)
  await appended
  expect(existsSync(file)).toBe(false)
  // The second file is not to be taken while it is written, and is given away at once.
  expect(filesIn(dir).map((name) => name.split('.')[1])).toEqual(['ready'])
  expect((await drainAll(dir)).posted).toHaveLength(100_000)
  await writer.close()
})

test('loses nothing to somebody who drains the folder all the time', async () => {
  const dir = newFolder()
  const writer = createWriter(dir)
  const drained = new Set<string>()
  const written = new AbortController()
  const drainer = (async () => {
    while (!written.signal.aborted) for (const key of (await drainAll(dir)).posted) drained.add(key)
  })()
  for (let i = 0; i < 400; i += 4) await Promise.all(keys(i, i + 4).map((key) => writer.append(line(key))))
  written.abort()
  await drainer
  for (const key of (await drainAll(dir)).posted) drained.add(key)
  expect([...drained].sort()).toEqual(keys(0, 400).sort())
  expect(filesIn(dir)).toEqual([])
  await writer.close()
})

test('rejects while a file stands where the folder should be, and works when it is gone', async () => {
  const dir = join(newFolder(), 'journal')
  writeFileSync(dir, 'in the way')
  const writer = createWriter(dir)
  await expect(writer.append(line('e1'))).rejects.toThrow(/EEXIST|ENOTDIR/)
  rmSync(dir)
  await writer.append(line('e2'))
  expect((await drainAll(dir)).posted).toEqual(['e2'])
  await writer.close()
})
