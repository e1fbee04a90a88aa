import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Tls } from './redis-set'

/** A certificate for this machine, signed by an authority that nobody else knows. */
export function createPrivateAuthority(dir: string): Tls {
  mkdirSync(dir, { recursive: true })
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=Test CA',
  )
  openssl('req', ...newKey, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis')
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const sign = ['x509', '-req', '-in', 'redis.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  openssl(...sign, '-out', 'redis.pem', '-days', '2', '-extfile', 'names')
  const caFile = join(dir, 'ca.pem')
  const keyFile = join(dir, 'redis.key')
  return { certFile: join(dir, 'redis.pem'), keyFile, caFile, ca: readFileSync(caFile, 'utf8') }
}
