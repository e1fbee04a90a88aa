import { isIP } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'

const timeoutMs = 5000

export interface TlsTarget {
  url: URL
  /** Authorities beside the well-known ones; for tests and private networks. */
  ca?: string | undefined
}

/** What a server shows of itself. */
export interface SeenCertificate {
  /** Why Node would refuse it: OpenSSL's code. */
  refusal: string | undefined
  certificate: DetailedPeerCertificate
  protocol: string
}

/** Reads the certificate that a server sends, whatever is wrong with it. Rejects where there is no TLS connection. */
export function readCertificate({ url: { hostname, port }, ca }: TlsTarget): Promise<SeenCertificate> {
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      // Whoever asked judges.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    })
    const deadline = setTimeout(
      () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    )
    socket.once('secureConnect', () => {
      // Node's types say Error; it is the code.
      const refusal = socket.authorized ? undefined : String(socket.authorizationError)
      resolve({ refusal, certificate: socket.getPeerCertificate(true), protocol: socket.getProtocol() ?? '' })
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => clearTimeout(deadline))
  })
}
