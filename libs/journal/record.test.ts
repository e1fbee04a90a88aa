import { record } from './journal.test.support'
import { decodeRecord, encodeRecord } from './record'

const line = encodeRecord(record('e1'))

test('reads what it wrote', () => {
  expect(decodeRecord(line.subarray(0, -1))).toEqual(record('e1'))
})

test('is one line, whatever the text', () => {
  const wild = record('e1')
  wild.event.raw = { text: 'a\nb\r\n\u2028' }
  const bytes = encodeRecord(wild)
  expect(bytes.indexOf('\n')).toBe(bytes.length - 1)
  expect(decodeRecord(bytes.subarray(0, -1))).toEqual(wild)
})

test('is refused when any one bit of it has changed', () => {
  const accepted = []
  for (let bit = 0; bit < (line.length - 1) * 8; bit++) {
    const changed = Buffer.from(line.subarray(0, -1))
    changed[bit >> 3]! ^= 1 << (bit & 7)
    if (decodeRecord(changed)) accepted.push(bit)
  }
  expect(accepted).toEqual([])
})

test('is refused when it is shorter than a checksum', () => {
  expect([0, 1, 8, 9].map((length) => decodeRecord(line.subarray(0, length)))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('keeps an event whose raw object can be parsed but not written', () => {
  const deep = record('e1')
  deep.event.raw = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))
  const kept = decodeRecord(encodeRecord(deep).subarray(0, -1))
  expect(kept?.event).toMatchObject({ key: 'e1', raw: '[nested too deeply to be kept]' })
})
