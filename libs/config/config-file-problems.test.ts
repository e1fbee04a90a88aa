import { loadConfig } from '#libs/config'
import type { HooklineError } from '#libs/contract'
import type { Role } from './setting'

const redis = { REDIS_URL: 'redis://127.0.0.1:6379' }

/** What is wrong with the text as /etc/hookline/bots.yaml, one line each. */
function problems(role: Role, text: string, variables: Record<string, string> = {}): string[] {
  const readFile = (path: string) => {
    if (path === '/etc/hookline/bots.yaml') return text
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  const env = { ...redis, HOOKLINE_CONFIG: '/etc/hookline/bots.yaml', ...variables }
  try {
    loadConfig({ role, env, cwd: '/app', readFile })
  } catch (error) {
    expect((error as HooklineError).code).toBe('config_invalid')
    return (error as HooklineError).message.split('\n').slice(1)
  }
  return []
}

const shop = (...lines: string[]) =>
  ['bots:', '  shop:', '    platform: line', ...lines.map((l) => `    ${l}`), ''].join('\n')

describe('problems in the config file', () => {
  const missingSecret =
    'Give it: Channel secret of the Messaging API channel (LINE Developers Console, Basic settings).'

  test.each([
    [
      '',
      'bots.yaml has no bots. Write at least one bot: "bots:", below it a name, below that "platform:" and its settings.',
    ],
    [
      'just text',
      'bots.yaml has no bots. Write at least one bot: "bots:", below it a name, below that "platform:" and its settings.',
    ],
    [
      'bots:',
      'bots.yaml has no bots. Write at least one bot: "bots:", below it a name, below that "platform:" and its settings.',
    ],
    ['bots:\n  shop:', 'bots.shop has no settings. Write "platform:" and the settings below it, indented.'],
    ['bots:\n  shop: {}', 'bots.shop.platform is missing. Give one of line, lineworks, tocaro.'],
    [
      'bots:\n  shop: {platform: lineWork}',
      'bots.shop.platform must be one of line, lineworks, tocaro, not "lineWork". Did you mean lineworks?',
    ],
    [
      'bots:\n  shop: {platform: slack}',
      'bots.shop.platform must be one of line, lineworks, tocaro, not "slack". Known names: line, lineworks, tocaro.',
    ],
    [
      'bots:\n  Shop_1: {platform: line, channelSecret: s}',
      'bots.Shop_1 has a name that can\'t be used. Use up to 40 of a-z, 0-9 and "-", beginning with a letter or digit.',
    ],
    [
      `${shop('channelSecret: s')}redisUrl: redis://h`,
      'redisUrl is not a key of the config file. Set REDIS_URL in the environment.',
    ],
    [`${shop('channelSecret: s')}bot: {}`, 'bot is not a key of the config file. The only key here is bots.'],
    [
      shop('channelSecret: s', 'chanelAccesToken: t'),
      'bots.shop.chanelAccesToken is not a setting of a line bot. Did you mean channelAccessToken?',
    ],
    [
      shop('channelSecret: s', 'channel_id: 2'),
      'bots.shop.channel_id is not a setting of a line bot. Did you mean channelId?',
    ],
    [
      shop('channelSecret: s', 'constructor: t'),
      'bots.shop.constructor is not a setting of a line bot. Known names: platform, handler, channelSecret, channelAccessToken, channelId, assertionKey, assertionKid, replyFallback, menu, timeline, apiBaseUrl, dataApiBaseUrl.',
    ],
    [shop(), `bots.shop.channelSecret is missing. ${missingSecret}`],
    [shop('channelSecret:'), `bots.shop.channelSecret is empty. ${missingSecret}`],
    [shop('channelSecret: null'), `bots.shop.channelSecret is empty. ${missingSecret}`],
    [shop('channelSecret: ~'), `bots.shop.channelSecret is empty. ${missingSecret}`],
    [shop('channelSecret: ${EMPTY}'), `bots.shop.channelSecret is empty. ${missingSecret}`],
    [
      shop('channelSecret: []'),
      `bots.shop.channelSecret is empty. ${missingSecret.replace('Give it', 'Give it again')}`,
    ],
    [
      shop('channelSecret: {a: b}'),
      `bots.shop.channelSecret must be one text or a list of texts. ${missingSecret.replace('Give it', 'Give it again')}`,
    ],
    [
      shop('channelSecret: ${SHOP_SECRET}'),
      'bots.shop.channelSecret needs the variable SHOP_SECRET, which is not set. Set the variable; inside a list it may be empty.',
    ],
    [
      shop('channelSecret: [s, "${SHOP_OLD}"]'),
      'bots.shop.channelSecret[1] needs the variable SHOP_OLD, which is not set. Set the variable; inside a list it may be empty.',
    ],
    [
      shop('channelSecret: ${file:run/s}'),
      "bots.shop.channelSecret needs the file run/s, which can't be read (ENOENT). Give the path of a readable file.",
    ],
    [
      shop('channelSecret: "${SHOP"'),
      'bots.shop.channelSecret has a "${" without a "}". Close it, or write "$${" for a plain "${".',
    ],
    [
      shop('channelSecret: ${a-b}'),
      'bots.shop.channelSecret has a "${...}" that is neither ${VARIABLE} nor ${file:/path}. Correct it, or write "$${" for a plain "${".',
    ],
    [
      shop('channelSecret: s', 'channelSecret: t'),
      'bots.yaml line 5, column 5 has a key that is there twice. Correct the line.',
    ],
    ['bots:\n\tshop: {}', 'bots.yaml line 2, column 1 is indented with a tab. Correct the line.'],
    [
      shop('channelSecret: a: b'),
      'bots.yaml line 4, column 20 is not valid YAML (BLOCK_AS_IMPLICIT_KEY). Correct the line.',
    ],
    [
      `${shop('channelSecret: s')}---\nbots: {}`,
      'bots.yaml line 5, column 1 starts a second document ("---"). Correct the line.',
    ],
    [
      shop('channelSecret: *old'),
      'bots.yaml has an alias that leads nowhere. Define each anchor (&name) before its alias (*name).',
    ],
  ])('%j', (text, problem) => {
    expect(problems('ingress', text, { EMPTY: '' })).toEqual([`  - ${problem}`])
  })

  test('in values that only the worker uses do not concern the ingress', () => {
    const text = shop(
      'channelSecret: s',
      'channelAccessToken: ${LINE_TOKEN}',
      'assertionKey: ${file:/none}',
      'replyFallback: shout',
    )
    expect(problems('ingress', text)).toEqual([])
    expect(problems('worker', text)).toEqual([
      '  - bots.shop.channelAccessToken needs the variable LINE_TOKEN, which is not set. Set the variable; inside a list it may be empty.',
      "  - bots.shop.assertionKey needs the file /none, which can't be read (ENOENT). Give the path of a readable file.",
      '  - bots.shop.replyFallback must be one of push, park, not "shout". Example: park.',
    ])
  })

  test('of several bots come together, with the ways to complete each', () => {
    const text =
      'bots:\n  a: {platform: line, channelId: 1}\n  b: {platform: tocaro, botUser: us, webhookUrl: {gr1: ftp://x}}\n  c: {platform: tocaro, botUser: us}\n'
    expect(problems('worker', text)).toEqual([
      '  - bots.a has no credentials to send with. Give one of: bots.a.channelAccessToken; bots.a.channelId + bots.a.channelSecret; bots.a.channelId + bots.a.assertionKey + bots.a.assertionKid.',
      '  - bots.b.webhookUrl must be an http(s) URL, or in the config file a map from group code to URL. Give it again: URL of a Tocaro inbound webhook, used when there is no access token.',
      '  - bots.c has no credentials to send with. Give one of: bots.c.accessToken; bots.c.webhookUrl.',
    ])
  })
})
