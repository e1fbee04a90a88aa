import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DevRedis, startDevRedis } from '../../libs/cli/dev-redis'

declare global {
  var hooklineTestRedis: DevRedis | undefined
}

/** One Redis for the whole run: TEST_REDIS_URL if given, else what the development ladder finds. */
export default async function startRedis(): Promise<void> {
  if (process.env['TEST_REDIS_URL']) return
  const dir = mkdtempSync(join(tmpdir(), 'hookline-test-redis-'))
  globalThis.hooklineTestRedis = await startDevRedis({ dir, path: process.env['PATH'] })
  process.env['TEST_REDIS_URL'] = globalThis.hooklineTestRedis.url
  process.env['TEST_REDIS_KIND'] = globalThis.hooklineTestRedis.kind
}
