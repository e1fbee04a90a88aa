import type { IncomingMessage } from 'node:http'

/** LINE sends at least 1 MB at times, nobody 2: above it a request is refused with 413. */
export const maxBodyBytes = 2 * 1024 * 1024

/**
 * So much of a body that is too large is read and thrown away, for so long. Answering while the sender still
 * writes makes the system reset the connection, and many senders then never see the answer.
 */
const maxDiscarded = { bytes: 16 * 1024 * 1024, ms: 2000 }

/** The raw bytes; `too_large`, without keeping them; `aborted` when the sender went away. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = []
    let size = 0
    let patience: NodeJS.Timeout | undefined
    const refuse = () => {
      chunks = []
      patience ??= setTimeout(() => resolve('too_large'), maxDiscarded.ms)
      if (size > maxDiscarded.bytes) resolve('too_large')
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) refuse()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) refuse()
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(patience ? 'too_large' : joined(chunks)))
    // Without a listener for errors a broken request only closes.
    request.on('close', () => {
      clearTimeout(patience)
      resolve('aborted')
    })
  })
}

/** Most bodies come in one piece, which is not copied. */
function joined(chunks: Buffer[]): Buffer {
  const [first] = chunks
  return first && chunks.length === 1 ? first : Buffer.concat(chunks)
}
