import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, type Role } from '#libs/config'
import { composeSettings } from './compose-settings'
import { platformNames, settingsOf } from './platforms'
import { processSettings } from './process-settings'
import { renderEnvExample } from './render-env-example'
import type { Setting } from './setting'
import { settingsFiles } from './write-docs'

const root = join(__dirname, '..', '..')
const rows: Setting[] = [
  ...Object.values(processSettings),
  ...Object.values(composeSettings),
  ...platformNames.flatMap((platform) => settingsOf(platform).map(([, setting]) => setting)),
]

/** The variables that a file of `NAME=value` lines sets. */
function variables(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => /^([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? [])
  return Object.fromEntries(pairs.flatMap((name, i) => (i % 2 === 0 ? [[name, pairs[i + 1] ?? '']] : [])))
}

describe('the files made from the settings tables', () => {
  test.each(Object.entries(settingsFiles()))('%s is up to date', (path, text) => {
    const hint = 'run `npm run docs` and commit the result'
    expect({ path, hint, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, hint, text })
  })

  test.each(Object.entries(settingsFiles()))('%s names every setting', (_path, text) => {
    for (const { env } of rows) expect(text).toContain(env)
  })
})

describe('.env.example', () => {
  const unedited = variables(renderEnvExample())
  const load = (role: Role) =>
    loadConfig({ role, env: { REDIS_URL: 'redis://r', ...unedited }, cwd: join(root, 'does-not-exist') })

  test.each(['ingress', 'worker', 'emulator'] as const)(
    'unedited, gives the %s example accounts only',
    (role) => {
      expect(load(role)).toMatchObject({ source: 'example accounts', host: '127.0.0.1' })
      expect(Object.keys(unedited)).toEqual(
        expect.arrayContaining(['INGRESS_PORT', 'LINE_REPLY_FALLBACK', 'RETRY_ATTEMPTS']),
      )
    },
  )

  test('unedited, sets no account, no address of a platform and no secret but Redis’ own', () => {
    const names = Object.keys(unedited).filter((name) =>
      /URL|SECRET|TOKEN|KEY|HOST|CONFIG|PASSWORD/.test(name),
    )
    expect(names).toEqual(['EMULATOR_URL', 'REDIS_PASSWORD'])
  })

  test('without EMULATOR_URL sets no bot', () => {
    const env = { ...unedited, EMULATOR_URL: '' }
    const config = loadConfig({ role: 'emulator', env, cwd: join(root, 'does-not-exist') })
    expect(config).toMatchObject({ bots: [], warnings: [] })
  })

  test('shows valid values on the lines that are commented out', () => {
    const env = variables(renderEnvExample().replace(/^#(?=[A-Z_]+=)/gm, ''))
    const invalid = rows.filter(
      ({ env: name, schema }) => env[name] !== '' && !schema.safeParse(env[name]).success,
    )
    expect(invalid.map(({ env: name }) => name)).toEqual([])
  })
})

describe('the settings tables', () => {
  test.each(rows.map((row) => [row.env, row] as const))(
    '%s has a valid default and example, and no example secret',
    (_env, row) => {
      if (row.default !== undefined) expect(row.schema.safeParse(row.default).success).toBe(true)
      if (row.example !== undefined) expect(row.schema.safeParse(row.example).success).toBe(true)
      if (row.inExample !== undefined) expect(row.schema.safeParse(row.inExample).success).toBe(true)
      if (row.secret && row.env !== 'REDIS_URL') expect(row.example).toBeUndefined()
      expect(row.doc.en).toMatch(/^[A-Z].*\.$/)
      expect(row.doc.ja).toMatch(/。$/)
    },
  )
})
