import { type Readable, Transform, finished } from 'node:stream'
import { ApiError } from '#libs/contract'

export interface TransferOptions {
  /** The request in words: `GET to api.line.me`. */
  what: string
  headers: Record<string, string | undefined>
  maxBytes: number
  /** So long nothing may come, while somebody wants more: milliseconds. */
  idleMs: number
}

/**
 * The same bytes, at most so many. It ends with an `ApiError` where there are more, where the transfer breaks off and
 * where it stalls; a caller that does not look gets no unhandled error for it.
 */
export function transfer(source: Readable, options: TransferOptions): Readable {
  const { what, headers, maxBytes, idleMs } = options
  let bytes = 0
  let cameAt = performance.now()
  const out = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      cameAt = performance.now()
      bytes += chunk.length
      if (bytes > maxBytes) done(tooLarge(what, maxBytes))
      else done(null, chunk)
    },
  })
  // Whoever reads sees the error all the same; nobody may be there to read.
  out.on('error', () => undefined)
  const watch = setInterval(() => {
    const wanted = out.readableLength === 0
    if (wanted && performance.now() - cameAt >= idleMs)
      out.destroy(broken(what, `nothing came for ${idleMs} ms`))
  }, idleMs / 4).unref()
  finished(source, (error) => {
    clearInterval(watch)
    if (error) out.destroy(broken(what, codeOf(error)))
  })
  finished(out, () => source.destroy())
  source.pipe(out)
  if (Number(headers['content-length']) > maxBytes) out.destroy(tooLarge(what, maxBytes))
  return out
}

function tooLarge(what: string, maxBytes: number): ApiError {
  return new ApiError(
    'api_rejected',
    `The answer to ${what} has more than ${maxBytes} bytes. Raise maxBytes if you want it.`,
  )
}

function broken(what: string, why: string): ApiError {
  return new ApiError(
    'api_outcome_unknown',
    `The answer to ${what} broke off (${why}): what came is not all of it.`,
  )
}

/** Not the error itself: axios' carries the Authorization header. */
function codeOf(error: Error & { code?: string | undefined }): string {
  return error.code ?? 'connection closed'
}
