import { promisify } from 'node:util'
import { brotliDecompress, constants, inflateRaw, unzip } from 'node:zlib'

const unzipAsync = promisify(unzip)
const inflateAsync = promisify(inflateRaw)
const brotliAsync = promisify(brotliDecompress)
const byteOrderMark = 0xfeff

export function textOf(bytes: Buffer): string {
  const text = bytes.toString()
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text
}

/**
 * Nothing compressed is asked for, but some servers and proxies compress whatever is asked.
 * Rejects with `ERR_BUFFER_TOO_LARGE` where more comes of it than allowed.
 */
export async function decompress(bytes: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  if (bytes.length === 0) return bytes
  // What came is read also where the end of the compressed stream is missing, as browsers do.
  const options = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }
  switch (encoding.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
    case 'compress':
    case 'x-compress':
      return unzipAsync(bytes, options)
    case 'deflate':
      return isZlib(bytes) ? unzipAsync(bytes, options) : inflateAsync(bytes, options)
    case 'br':
      return brotliAsync(bytes, { maxOutputLength, finishFlush: constants.BROTLI_OPERATION_FLUSH })
    default:
      return bytes
  }
}

/** "deflate" means zlib's format; some servers send it without zlib's header. */
function isZlib(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8
}
