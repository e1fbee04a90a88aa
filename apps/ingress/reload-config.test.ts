import { type IngressBot, type IngressConfig, loadConfig } from '#libs/config'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { createReload } from './reload-config'

const line = (name: string, secret = 'line-secret-EXAMPLE') =>
  `  ${name}: { platform: line, handler: ./bot.ts, channelSecret: ${secret}, channelAccessToken: x }\n`

/** A process whose config file the test rewrites. */
function setup(
  first: string | undefined,
  {
    waiting = async () => 0,
    env = {},
    source,
    key,
  }: { waiting?: () => Promise<number>; env?: Record<string, string>; source?: string; key?: string } = {},
) {
  const files: Record<string, string> = {
    ...(first === undefined ? {} : { '/app/hookline.config.yaml': `bots:\n${first}` }),
    '/run/redis': 'redis://127.0.0.1:6379',
    ...(key === undefined ? {} : { '/run/key': key }),
  }
  const load = (): IngressConfig =>
    loadConfig({
      role: 'ingress',
      env: { REDIS_URL_FILE: '/run/redis', ...env },
      cwd: '/app',
      readFile: (path) => {
        const text = files[path]
        if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
        return text
      },
    })
  const used: string[][] = []
  const keys: (readonly string[])[] = []
  const lines: Record<string, unknown>[] = []
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  }
  const log = createLogger({ name: 'test', level: 'info', destination })
  const useBots = (bots: IngressBot[]) => void used.push(bots.map(({ name }) => name))
  const useApiKeys = (next: readonly string[]) => void keys.push(next)
  const config = load()
  if (source !== undefined) expect(config.source).toBe(source)
  const reload = createReload(config, { load, ingress: { useBots, useApiKeys, waiting }, log })
  const said = (msg: string) => lines.filter((entry) => String(entry['msg']).includes(msg))
  return {
    files,
    used,
    keys,
    lines,
    said,
    reload,
    write: (bots: string) => (files['/app/hookline.config.yaml'] = `bots:\n${bots}`),
  }
}

test('uses the bots that stand in the config now, and says what became of them', () => {
  const { write, reload, used, said } = setup(line('shop') + line('desk'))
  write(line('shop', 'rotated-EXAMPLE') + line('help'))
  reload()
  expect(used).toEqual([['shop', 'help']])
  expect(said('config was read again')).toMatchObject([
    { added: ['help'], changed: ['shop'], removed: ['desk'], bots: ['shop', 'help'] },
  ])
})

test('keeps all of the old bots while anything is wrong, and lists every problem', () => {
  const { write, reload, used, said } = setup(line('shop'))
  write('  shop: { platform: line, handler: ./bot.ts, chanelSecret: x }\n  Help: { platform: lime }\n')
  reload()
  expect(used).toEqual([])
  const [problem] = said('the one before stays in use')
  for (const word of ['chanelSecret', 'channelSecret', 'Help', 'lime'])
    expect(problem?.['problems']).toContain(word)
  write(line('shop') + line('help'))
  reload()
  expect(used).toEqual([['shop', 'help']])
})

test('keeps the old bots when the config file is gone, also where the environment has others', () => {
  const { files, reload, used, said } = setup(line('shop'), { env: { LINE_CHANNEL_SECRET: 'x' } })
  delete files['/app/hookline.config.yaml']
  reload()
  expect([used, said('the one before stays in use')]).toMatchObject([[], [{ level: 'error' }]])
})

test.each<[string, Record<string, string>]>([
  ['example accounts', { EMULATOR_URL: 'http://127.0.0.1:3002' }],
  ['environment', { LINE_CHANNEL_SECRET: 'x' }],
])('goes over from the %s to a config file that was written meanwhile', (source, env) => {
  const { write, reload, used, said } = setup(undefined, { env, source })
  write(line('shop'))
  reload()
  expect(used).toEqual([['shop']])
  expect(said('config was read again')).toMatchObject([{ source: '/app/hookline.config.yaml' }])
})

test('refuses to go on without a config file that was written meanwhile, once it is gone', () => {
  const { files, write, reload, used, said } = setup(undefined, { env: { LINE_CHANNEL_SECRET: 'x' } })
  write(line('shop'))
  reload()
  delete files['/app/hookline.config.yaml']
  reload()
  expect(used).toEqual([['shop']])
  expect(said('the one before stays in use')).toHaveLength(1)
})

test('names other settings that changed, each time until the restart', () => {
  const { files, reload, said } = setup(line('shop'))
  files['/run/redis'] = 'redis://127.0.0.1:7777'
  reload()
  reload()
  expect(said('restart to apply').map(({ settings }) => settings)).toEqual([['REDIS_URL'], ['REDIS_URL']])
})

test.each<[string, () => Promise<number>, unknown]>([
  ['how many conversations of a removed bot wait', async () => 3, 3],
  [
    'that nobody knows it while Redis is away',
    () => Promise.reject(new Error('away')),
    'unknown: Redis did not answer',
  ],
])('says %s', async (_name, waiting, conversations) => {
  const { write, reload, said } = setup(line('shop') + line('desk'), { waiting })
  write(line('shop'))
  reload()
  await eventually(() => expect(said('bot removed')).toMatchObject([{ bot: 'desk', conversations }]))
})

test('shows no secret', () => {
  const { write, reload, lines } = setup(line('shop'))
  write(line('shop', 'rotated-EXAMPLE'))
  reload()
  expect(JSON.stringify(lines)).not.toContain('EXAMPLE')
})

test('takes new keys of the push API at once, without asking for a restart', () => {
  const { files, keys, reload, said } = setup(line('shop'), {
    env: { HOOKLINE_API_KEY_FILE: '/run/key' },
    key: 'one',
  })
  files['/run/key'] = 'two,one\n'
  reload()
  files['/run/key'] = ''
  reload()
  expect(keys).toEqual([['two', 'one'], []])
  expect(said('config was read again')).toMatchObject([
    { api_keys_changed: true },
    { api_keys_changed: true },
  ])
  expect(said('restart to apply')).toEqual([])
})
