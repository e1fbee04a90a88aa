import { explainConfig } from '.'

const file = `bots:
  shop:
    platform: line
    channelSecret: \${SHOP_SECRET}
    channelAccessTokn: x
  desk:
    platform: tocaro
    signingSecret: geheim
`

const explain = (env: Record<string, string>, text: string | undefined = file) =>
  explainConfig({
    role: 'ingress',
    env,
    cwd: '/srv',
    readFile: (path) => {
      if (path === '/srv/hookline.config.yaml' && text !== '') return text
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    },
  })

test('names all problems at once, each with its variable or its line', () => {
  const { problems, warnings } = explain({ INGRESS_PORT: 'many', LINE_CHANEL_SECRET: 'x' })
  expect(problems.map(({ place }) => place)).toEqual([
    'REDIS_URL',
    'INGRESS_PORT',
    'hookline.config.yaml:5 bots.shop.channelAccessTokn',
    'hookline.config.yaml:4 bots.shop.channelSecret',
  ])
  expect(problems[2]?.fix).toBe('Did you mean channelAccessToken?')
  expect(warnings.join()).toContain('Did you mean LINE_CHANNEL_SECRET?')
})

test('says where each value comes from, and no secret', () => {
  const config = explain(
    { REDIS_URL: 'redis://user:geheim@r:6379', LINE_CHANNEL_SECRET: 'geheim', LOG_LEVEL: 'warn' },
    '',
  )
  const origins = Object.fromEntries(
    config.settings.map(({ name, value, origin }) => [name, [value, origin]]),
  )
  expect(origins).toMatchObject({ LOG_LEVEL: ['warn', 'LOG_LEVEL'], INGRESS_PORT: [3000, 'default'] })
  expect(config.bots).toMatchObject([
    {
      name: 'line',
      settings: [{ name: 'LINE_CHANNEL_SECRET', value: 'set', origin: 'LINE_CHANNEL_SECRET' }],
    },
  ])
  expect(config.problems).toEqual([])
  expect(JSON.stringify(config)).not.toContain('geheim')
})

test('a value of the file has its line', () => {
  const config = explain({ REDIS_URL: 'redis://r', SHOP_SECRET: 'geheim' })
  const desk = config.bots.find(({ name }) => name === 'desk')
  expect(desk?.settings).toContainEqual({
    name: 'signingSecret',
    value: 'set',
    secret: true,
    origin: 'hookline.config.yaml:8 bots.desk.signingSecret',
  })
  expect(JSON.stringify(config)).not.toContain('geheim')
})
