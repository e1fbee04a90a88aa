import { createHash, timingSafeEqual } from 'node:crypto'

/** What a request's credentials are worth. */
export type KeyCheck = 'off' | 'missing' | 'wrong' | 'right'

/** The keys of the push API. */
export interface ApiKeys {
  check(authorization: string | undefined): KeyCheck
  /** From the next request on these are the keys, and no others. */
  use(keys: readonly string[]): void
}

/** Hashes are compared, all of them and in constant time: how long it takes says nothing about any key. */
export function createApiKeys(first: readonly string[]): ApiKeys {
  let hashes = first.map(hashOf)
  return {
    use: (keys) => {
      hashes = keys.map(hashOf)
    },
    check: (authorization) => {
      if (hashes.length === 0) return 'off'
      const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
      if (given === undefined) return 'missing'
      const hash = hashOf(given)
      return hashes.filter((known) => timingSafeEqual(known, hash)).length > 0 ? 'right' : 'wrong'
    },
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
