import { type LoggerOptions, createLogger } from '.'

const secret = 'fake-secret-EXAMPLE'

function setup(options: Partial<LoggerOptions> = {}) {
  let output = ''
  const log = createLogger({
    name: 'worker',
    level: 'info',
    destination: { write: (text) => (output += text) },
    ...options,
  })
  return {
    log,
    output: () => output,
    lines: () =>
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

const secretNames = [
  'authorization',
  'token',
  'accessToken',
  'access_token',
  'replyToken',
  'channelSecret',
  'channelAccessToken',
  'botSecret',
  'clientSecret',
  'privateKey',
  'assertionKey',
  'signingSecret',
  'webhookUrl',
]

test('writes one JSON line per entry, with an ISO time and the level by name', () => {
  const { log, lines } = setup()
  log.info({ wait_ms: 3 }, 'item')
  log.warn('again')
  expect(lines()).toEqual([
    expect.objectContaining({ level: 'info', name: 'worker', msg: 'item', wait_ms: 3 }),
    expect.objectContaining({ level: 'warn', name: 'worker', msg: 'again' }),
  ])
  expect(lines()[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('writes nothing below its level', () => {
  const { log, lines } = setup({ level: 'warn' })
  log.info('quiet')
  log.warn('loud')
  expect(lines().map(({ msg }) => msg)).toEqual(['loud'])
})

test.each(secretNames)('hides the value of %s at the top and two levels below', (name) => {
  const { log, output, lines } = setup()
  log.info({ [name]: secret, bot: { [name]: secret, settings: { [name]: secret } }, kept: 'yes' }, 'x')
  expect(output()).not.toContain(secret)
  expect(lines()).toEqual([
    expect.objectContaining({
      [name]: '[secret]',
      bot: { [name]: '[secret]', settings: { [name]: '[secret]' } },
      kept: 'yes',
    }),
  ])
})

test('hides a whole object or list under a secret name', () => {
  const { log, output } = setup()
  log.info({ replyToken: { token: secret, expiresAt: 1 }, bot: { channelSecret: [secret] } }, 'x')
  expect(output()).not.toContain(secret)
})

test('hides secrets in a child logger too', () => {
  const { log, output } = setup()
  log.child({ bot: 'shop', token: secret }).info({ accessToken: secret }, 'x')
  expect(output()).toContain('"bot":"shop"')
  expect(output()).not.toContain(secret)
})

test('leaves the object that was logged as it was', () => {
  const { log } = setup()
  const settings = { token: secret }
  log.info(settings, 'x')
  expect(settings).toEqual({ token: secret })
})
