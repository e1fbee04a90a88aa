import { loadConfig } from '#libs/config'

const base = { REDIS_URL: 'redis://127.0.0.1:6379', LINE_CHANNEL_SECRET: 's', LINE_CHANNEL_ACCESS_TOKEN: 't' }
const tocaro = { TOCARO_SIGNING_SECRET: 's', TOCARO_ACCESS_TOKEN: 't', TOCARO_BOT_USER: '' }

function warnings(role: 'ingress' | 'worker', env: Record<string, string>): string[] {
  return loadConfig({ role, env: { ...base, ...env }, cwd: '/does-not-exist' }).warnings
}

describe('warnings', () => {
  test('name variables that look like a misspelled setting', () => {
    const env = {
      LINE_CHANEL_SECRET: 'x',
      LINEWORKS_BOTID: 'x',
      HOOKLINE_BOTS: 'x',
      TOCARO_ACCESS_TOKEN_FLE: '',
    }
    expect(warnings('ingress', env)).toEqual([
      'LINE_CHANEL_SECRET is not a setting and is ignored. Did you mean LINE_CHANNEL_SECRET?',
      'LINEWORKS_BOTID is not a setting and is ignored. Did you mean LINEWORKS_BOT_ID?',
      'HOOKLINE_BOTS is not a setting and is ignored. Did you mean HOOKLINE_BOT?',
      'TOCARO_ACCESS_TOKEN_FLE is not a setting and is ignored. Did you mean TOCARO_ACCESS_TOKEN_FILE?',
    ])
  })

  test.each([
    'LINEWORKS_RATE_PER_MINUTE',
    'HOOKLINE_API_KEY',
    'HOOKLINE_JOURNAL_DIR',
    'LINE_UP',
    'PATH',
    'REDIS_URI',
  ])('leave %s alone', (name) => {
    expect(warnings('ingress', { [name]: 'x' })).toEqual([])
  })

  test('say that a Tocaro bot without its own user code may answer itself', () => {
    expect(warnings('worker', tocaro)).toEqual([
      "TOCARO_BOT_USER is empty: the bot can't tell its own posts from others and may answer itself. Give the bot's user code.",
    ])
  })
})
