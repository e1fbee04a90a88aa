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
    let isOver = false
    // Once: to resolve a promise again makes Node call back from its core each time.
    const end = (body: Buffer | 'too_large' | 'aborted') => {
      if (isOver) return
      isOver = true
      if (patience) clearTimeout(patience)
      resolve(body)
    }
    const refuse = () => {
      chunks = []
      patience ??= setTimeout(() => end('too_large'), maxDiscarded.ms)
      if (size > maxDiscarded.bytes) end('too_large')
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) refuse()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) refuse()
      else chunks.push(chunk)
    })
    request.on('end', () => end(patience ? 'too_large' : joined(chunks)))
    // Without a listener for errors a broken request only closes.
    request.on('close', () => end('aborted'))
  })
}

/** Most bodies come in one piece, which is not copied. */
function joined(chunks: Buffer[]): Buffer {
  const [first] = chunks
  return first && chunks.length === 1 ? first : Buffer.concat(chunks)
}
