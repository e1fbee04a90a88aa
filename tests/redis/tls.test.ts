import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChildren } from '../../chaos/children'
import { type RedisServer, findRedisServer } from '../../chaos/redis-server'
import { eventually } from '../support/eventually'
import { describeWithRedisServer } from '../support/redis-server'
import { type Stack, killLeftovers, runToEnd, startService, startStack } from '../support/stack'
import { startCluster } from './cluster'
import { createPrivateAuthority } from './private-authority'
import { type SetOptions, type Tls, login, serverPassword, startMember } from './redis-set'
import { startSentinelSet } from './sentinel-set'

const children = createChildren()
const dir = mkdtempSync(join(tmpdir(), 'hookline-tls-'))
const options: SetOptions = {
  ...{ children, dir, fsync: 'everysec' },
  binary: findRedisServer(process.env['PATH']) ?? '',
}

afterAll(() => {
  killLeftovers()
  children.killAll()
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

describeWithRedisServer('TLS with a private authority', () => {
  let tls: Tls
  beforeAll(() => (tls = createPrivateAuthority(join(dir, 'certificates'))))

  describe('and one server', () => {
    let server: RedisServer
    let url: string
    let stack: Stack | undefined
    beforeAll(async () => {
      server = await startMember('server', { ...options, tls }, [])
      url = `rediss://${login}@localhost:${server.port}`
    })
    afterAll(async () => {
      await stack?.stop()
      server.close()
    })

    test('carries events through ingress and worker', async () => {
      stack = await startStack({ env: { REDIS_URL: url, REDIS_CA_FILE: tls.caFile } })
      for (const platform of ['line', 'lineworks', 'tocaro'] as const) {
        await stack.emulator.say({ platform, text: 'through TLS' })
        await eventually(() => expect(stack?.emulator.ledger.messages({ platform })).toHaveLength(1))
      }
      const env = { REDIS_URL: url, REDIS_CA: tls.ca }
      const { code, output } = await runToEnd('dist/libs/cli/main.js', env, ['dead-letters', 'list'])
      expect({ code, output }).toEqual({ code: 0, output: 'There are no dead letters.\n' })
    })

    test('is refused without REDIS_CA, in words', async () => {
      const env = { REDIS_URL: url }
      const { code, output } = await runToEnd('dist/libs/cli/main.js', env, ['dead-letters', 'list'])
      expect(code).toBe(1)
      expect(output).toContain(`Redis at localhost:${server.port} can't be used: self-signed certificate in`)
      const bot = { LINE_CHANNEL_SECRET: 's', LINE_CHANNEL_ACCESS_TOKEN: 't' }
      const journal = { HOOKLINE_JOURNAL_DIR: join(dir, 'journal') }
      const ingress = await startService('ingress', { ...env, ...bot, ...journal }, false)
      await eventually(async () => expect((await fetch(`${ingress.url}/readyz`)).status).toBe(503))
      await ingress.end()
      expect(ingress.output()).toContain('self-signed certificate')
      expect(ingress.output()).not.toContain(serverPassword)
    })
  })

  test.each([
    ['Sentinels', startSentinelSet],
    ['a cluster', startCluster],
  ])('and %s: what is written is there after a failover', async (name, start) => {
    const set = await start({ ...options, tls, dir: join(dir, name) })
    await set.client.set('{hookline:line}:before', 'x')
    await set.client.wait(1, 1000)
    await set.endPrimary('kill')
    expect(await set.client.get('{hookline:line}:before')).toBe('x')
    const { code, output } = await runToEnd('dist/libs/cli/main.js', set.env, ['dead-letters', 'list'])
    expect({ code, output }).toEqual({ code: 0, output: 'There are no dead letters.\n' })
    set.close()
  })
})
