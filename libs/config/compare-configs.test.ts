import { compareConfigs, loadConfig } from '#libs/config'

const bot = (name: string, secret: string) =>
  `  ${name}: { platform: line, handler: ./bot.ts, channelSecret: ${secret}, channelAccessToken: x }\n`

function load(bots: string[], files: Record<string, string> = {}) {
  const all: Record<string, string> = {
    '/app/hookline.config.yaml': `bots:\n${bots.join('')}`,
    '/run/redis': 'redis://127.0.0.1:6379\n',
    ...files,
  }
  const readFile = (path: string) => {
    const text = all[path]
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  }
  return loadConfig({ role: 'ingress', env: { REDIS_URL_FILE: '/run/redis' }, cwd: '/app', readFile })
}

const nothing = { added: [], changed: [], removed: [], settings: [] }

test('finds nothing in the same configuration', () => {
  const bots = [bot('shop', 'one'), bot('desk', 'two')]
  expect(compareConfigs(load(bots), load(bots))).toEqual(nothing)
  expect(compareConfigs(load(bots), load(bots.toReversed()))).toEqual(nothing)
})

test('names the bots that came, went and changed', () => {
  const before = load([bot('same', 'a'), bot('rotated', 'old'), bot('gone', 'c')])
  const after = load([bot('new', 'd'), bot('rotated', '[new, old]'), bot('same', 'a')])
  expect(compareConfigs(before, after)).toEqual({
    ...nothing,
    added: ['new'],
    changed: ['rotated'],
    removed: ['gone'],
  })
})

test('sees a secret that changed in the file that the configuration refers to', () => {
  const secret = (text: string) => load([bot('shop', '"${file:/run/secret}"')], { '/run/secret': text })
  expect(compareConfigs(secret('old'), secret('new'))).toEqual({ ...nothing, changed: ['shop'] })
})

test('is not interested in what only workers use', () => {
  const before = load([bot('shop', 'a')])
  const after = load([bot('shop', 'a').replace('./bot.ts', './other.ts')])
  expect(compareConfigs(before, after)).toEqual(nothing)
})

test('names the settings of the process that changed, by their variables', () => {
  const bots = [bot('shop', 'a')]
  const moved = load(bots, { '/run/redis': 'redis://127.0.0.1:7777' })
  expect(compareConfigs(load(bots), moved)).toEqual({ ...nothing, settings: ['REDIS_URL'] })
})
