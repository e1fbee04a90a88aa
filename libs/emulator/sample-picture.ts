import { crc32, deflateSync } from 'node:zlib'

const width = 320
const height = 240

/** A PNG of hills under a sky: what a phone of the emulator sends where nobody chose a picture. */
export function samplePicture(): Buffer {
  const rows = Array.from({ length: height }, (_, y) => row(y))
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // Eight bits a channel, true colour.
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.concat(rows))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** One line of pixels after its filter byte. */
function row(y: number): Buffer {
  const pixels = Array.from({ length: width }, (_, x) => colour(x, y))
  return Buffer.from([0, ...pixels.flat()])
}

function colour(x: number, y: number): number[] {
  const far = height * 0.62 + 18 * Math.sin(x / 45)
  const near = height * 0.78 + 14 * Math.sin(x / 28 + 2)
  if ((x - 250) ** 2 + (y - 60) ** 2 < 24 ** 2) return [255, 244, 214]
  if (y > near) return [46, 125, 90]
  if (y > far) return [96, 165, 120]
  return [120 + Math.round(y / 2), 175 + Math.round(y / 4), 235]
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
