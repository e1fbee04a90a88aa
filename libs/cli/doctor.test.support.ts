import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '#libs/config'
import { baseUrlEnv, createDevAccounts, type Emulator, startEmulator } from '#libs/emulator'
import { type LaneWorker, startLaneWorker } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { connectWorker } from '#libs/redis'
import { startIngress } from '../../apps/ingress/server'
import { createRedisServer, type RedisServer } from '../../tests/support/redis-server'
import { freePort } from './dev-redis'
import { diagnose, type DoctorOptions } from './doctor'
import type { Finding } from './doctor-finding'
import { loadBotElsewhere } from './doctor-load-bot'

const root = join(__dirname, '../..')
const log = createLogger({ name: 'test', level: 'silent' })

export interface Ward {
  emulator: Emulator
  /** What ingress, worker and doctor are given. */
  env: Record<string, string>
  dir: string
  ingressUrl: string
  redis: RedisServer
  close(): Promise<void>
}

/** A whole Hookline in this process: ingress, worker, emulator, a Redis database. */
export async function startWard(): Promise<Ward> {
  const dir = mkdtempSync(join(tmpdir(), 'hookline-doctor-'))
  const redis = await createRedisServer()
  await redis.start()
  const port = await freePort()
  const ingressUrl = `http://127.0.0.1:${port}`
  const { accounts, env: credentials } = createDevAccounts({ ingressUrl })
  const emulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts })
  const env = {
    ...credentials,
    ...baseUrlEnv(emulator.url),
    REDIS_URL: redis.url,
    HOOKLINE_BOT: join(root, 'bots/echo.ts'),
    HOOKLINE_JOURNAL_DIR: join(dir, 'journal'),
    INGRESS_PORT: String(port),
    WORKER_PORT: '0',
  }
  const ingress = await startIngress(loadConfig({ role: 'ingress', env, cwd: dir }), log)
  const connection = connectWorker(redis.url, log)
  const workers = ['line', 'lineworks', 'tocaro'].map((bot): LaneWorker => {
    const drain = () => Promise.resolve({ kind: 'done' as const })
    return startLaneWorker({ bot, redis: connection, drain, concurrency: 1, log })
  })
  await Promise.all(workers.map(({ ready }) => ready))
  return {
    ...{ emulator, env, dir, ingressUrl, redis },
    close: async () => {
      await ingress.close()
      await Promise.all(workers.map((worker) => worker.close()))
      connection.disconnect()
      await emulator.close()
      await redis.remove()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The real one: jest has no way to load a bot file in this process. */
export function realLoader(dir: string): DoctorOptions['loadBot'] {
  const program = join(root, 'dist/apps/worker/try-bot-main.js')
  return (file) => loadBotElsewhere(file, { env: {}, cwd: dir, program })
}

/** All findings, in one list. Bot files are not loaded unless asked for: that takes a process each. */
export async function examine(
  ward: Pick<Ward, 'dir'>,
  env: Record<string, string>,
  options: Partial<DoctorOptions> = {},
): Promise<Finding[]> {
  const loadBot: DoctorOptions['loadBot'] = () => Promise.resolve({ ok: true })
  const groups = await diagnose({ env, cwd: ward.dir, loadBot, role: 'both', ...options })
  return groups.flatMap(({ findings }) => findings)
}

export interface Certificates {
  /** The authority that a test may trust. */
  ca: string
  /** Key and certificate (with its chain) by kind. */
  of(kind: 'good' | 'self-signed' | 'expired' | 'leaf-only' | 'other-name' | 'ending'): {
    key: string
    cert: string
  }
  remove(): void
}

/** An authority, an intermediate one below it, and certificates for 127.0.0.1 and localhost as people get them wrong. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'hookline-certificates-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  writeFileSync(join(dir, 'ca.ext'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n')
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  writeFileSync(join(dir, 'other-names'), 'subjectAltName=DNS:other.example.com\n')
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '90',
    '-subj',
    '/CN=Test Root',
  )
  const issue = (name: string, by: string, extra: string[]) => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', `${name}.pem`, ...extra)
  }
  issue('middle', 'ca', ['-days', '80', '-extfile', 'ca.ext'])
  issue('good', 'middle', ['-days', '60', '-extfile', 'names'])
  issue('ending', 'middle', ['-days', '5', '-extfile', 'names'])
  issue('other-name', 'middle', ['-days', '60', '-extfile', 'other-names'])
  issue('expired', 'middle', ['-days', '-1', '-extfile', 'names'])
  openssl(
    ...['req', '-x509', ...key, '-keyout', 'self-signed.key', '-out', 'self-signed.pem'],
    ...['-days', '60', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
  )
  return {
    ca: read('ca.pem'),
    of: (kind) => {
      const name = kind === 'leaf-only' ? 'good' : kind
      const chain = kind === 'leaf-only' || kind === 'self-signed' ? '' : read('middle.pem')
      return { key: read(`${name}.key`), cert: read(`${name}.pem`) + chain }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
