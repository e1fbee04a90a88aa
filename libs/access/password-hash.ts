import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** What one try costs: 32 MiB and about a fifth of a second. As OWASP recommends. */
const cost = { N: 2 ** 15, r: 8, p: 3 }
const hashBytes = 32

interface Cost {
  N: number
  r: number
  p: number
}

/**
 * `scrypt:N:r:p:SALT:HASH`, the last two as base64url: without `$`, which docker compose would take for a variable.
 * With a `salt` of one's own the same password has the same hash again.
 */
export async function hashPassword(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const hash = await derive(password, salt, cost)
  const { N, r, p } = cost
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join(':')
}

/** Takes as long for a wrong password as for a right one. False too for a hash that is none. */
export async function checkPassword(password: string, hash: string): Promise<boolean> {
  const [kind, N, r, p, salt = '', expected = ''] = hash.split(':')
  const known = Buffer.from(expected, 'base64url')
  if (kind !== 'scrypt' || known.length !== hashBytes) return false
  const found = await derive(password, Buffer.from(salt, 'base64url'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  })
  return timingSafeEqual(found, known)
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  // The same letters may be typed as one or as several code points.
  const text = password.normalize('NFKC')
  const work = () =>
    new Promise<Buffer>((resolve, reject) => {
      scrypt(text, salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
        error ? reject(error) : resolve(key),
      )
    })
  return inTurn(work)
}

/** Of the process' four threads two stay free for files and names, however many try to log in; and memory is bounded. */
const mostAtOnce = 2
const turns = { running: 0, waiting: [] as (() => void)[] }

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (turns.running < mostAtOnce) turns.running += 1
  else await new Promise<void>((resolve) => turns.waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = turns.waiting.shift()
    if (next) next()
    else turns.running -= 1
  }
}
