import { readCertificate } from '#libs/http'

const lookEveryMs = 3_600_000
const tryEveryMs = 300_000

export interface CertificateWatchOptions {
  /** The public URL; without one, or with one that is not https, nothing is known. */
  url: string | undefined
  /** Authorities beside the well-known ones. */
  ca?: string
  clock?: () => number
}

/**
 * Tells when the certificate of the public URL ends, in Unix milliseconds. Looks once an hour, and five minutes
 * after a look that failed: the network may keep this process from its own public address, so that is no alert.
 */
export function watchCertificate({
  url,
  ca,
  clock = Date.now,
}: CertificateWatchOptions): () => Promise<number | undefined> {
  let endsAt: number | undefined
  let nextLook = 0
  return async () => {
    if (!url?.startsWith('https:') || clock() < nextLook) return endsAt
    const seen = await endOf(new URL(url), ca)
    nextLook = clock() + (seen === undefined ? tryEveryMs : lookEveryMs)
    endsAt = seen ?? endsAt
    return endsAt
  }
}

async function endOf(url: URL, ca: string | undefined): Promise<number | undefined> {
  const seen = await readCertificate({ url, ca }).catch(() => undefined)
  const endsAt = Date.parse(seen?.certificate.valid_to ?? '')
  return Number.isFinite(endsAt) ? endsAt : undefined
}
