import type { IncomingMessage } from 'node:http'

/** LINE sends at least 1 MB at times, nobody 2: above it a request is refused with 413. */
export const maxBodyBytes = 2 * 1024 * 1024

/** The raw bytes; `too_large` as soon as that is known, `aborted` when the sender went away. */
export function readBody(request: IncomingMessage): Promise<Buffer | 'too_large' | 'aborted'> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      resolve('too_large')
      return
    }
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) resolve('too_large')
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => resolve('aborted'))
    request.on('close', () => resolve('aborted'))
  })
}
