import { loadConfig } from '#libs/config'

const hash = `scrypt:32768:8:3:${'s'.repeat(22)}:${'h'.repeat(43)}`

const load = (env: Record<string, string>) =>
  loadConfig({ role: 'console', env: { REDIS_URL: 'redis://127.0.0.1:6379', ...env }, cwd: '/' })

test('users are names, roles and hashes', () => {
  const { users } = load({
    HOOKLINE_CONSOLE_USERS: `suzuki:operator:${hash}\nsato@example.com:viewer:${hash}`,
  })
  expect(users).toEqual([
    { name: 'suzuki', role: 'operator', passwordHash: hash },
    { name: 'sato@example.com', role: 'viewer', passwordHash: hash },
  ])
})

test.each([
  [`suzuki:admin:${hash}`, 'must be NAME:ROLE:HASH'],
  ['suzuki:operator:in the clear', 'must be NAME:ROLE:HASH'],
  [`operator:operator:${hash}`, 'must not name operator or viewer'],
  [`a:viewer:${hash},a:operator:${hash}`, 'names a user twice'],
])('%s is refused, and not shown', (text, problem) => {
  expect(() => load({ HOOKLINE_CONSOLE_USERS: text })).toThrow(problem)
  expect(() => load({ HOOKLINE_CONSOLE_USERS: text })).not.toThrow(text)
})

test('a hash that was cut off is no password', () => {
  expect(() => load({ HOOKLINE_CONSOLE_PASSWORD: hash.slice(0, -1) })).toThrow('is no hash')
  expect(load({ HOOKLINE_CONSOLE_PASSWORD: 'a pass word' }).password).toBe('a pass word')
})

test('no bot, no config file and no emulator is looked at', () => {
  const bots = { HOOKLINE_CONFIG: '/nowhere.yaml', EMULATOR_URL: 'x', LINE_CHANNEL_ID: ' ' }
  expect(load(bots)).toMatchObject({ role: 'console', bots: [], port: 3001, host: '127.0.0.1' })
})
