import { createWebhook } from '#libs/platforms'
import { closeAll, setup, type Setup } from './emulator.test.support'
import { baseUrlEnv, createDevAccounts } from './index'

afterEach(closeAll)

describe('createDevAccounts', () => {
  test('gives each platform a webhook on the ingress and the environment that fits', () => {
    const { accounts, env } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:3000/' })
    expect(Object.values(accounts).map((account) => account.webhookUrl)).toEqual([
      'http://127.0.0.1:3000/webhooks/line',
      'http://127.0.0.1:3000/webhooks/lineworks',
      'http://127.0.0.1:3000/webhooks/tocaro',
    ])
    expect(env).toMatchObject({
      LINE_CHANNEL_SECRET: accounts.line.channelSecret,
      LINEWORKS_BOT_SECRET: accounts.lineworks.botSecret,
      LINEWORKS_PRIVATE_KEY: expect.stringContaining('BEGIN PRIVATE KEY'),
      TOCARO_SIGNING_SECRET: accounts.tocaro.signingSecret,
    })
    expect(createDevAccounts({ ingressUrl: 'http://a' }).env.LINE_CHANNEL_SECRET).not.toBe(
      env.LINE_CHANNEL_SECRET,
    )
  })
})

test('baseUrlEnv points every API at the emulator', () => {
  expect(baseUrlEnv('http://127.0.0.1:3002/')).toEqual({
    LINE_API_BASE_URL: 'http://127.0.0.1:3002',
    LINE_DATA_API_BASE_URL: 'http://127.0.0.1:3002',
    LINEWORKS_API_BASE_URL: 'http://127.0.0.1:3002/v1.0',
    LINEWORKS_AUTH_BASE_URL: 'http://127.0.0.1:3002/oauth2/v2.0',
    TOCARO_API_BASE_URL: 'http://127.0.0.1:3002',
  })
})

describe('what the emulator sends', () => {
  const webhooksOf = ({ line, lineworks, tocaro }: Setup['accounts']) => ({
    line: createWebhook({ platform: 'line', name: 'bot', channelSecret: [line.channelSecret] }),
    lineworks: createWebhook({
      platform: 'lineworks',
      name: 'bot',
      botId: lineworks.botId,
      botSecret: [lineworks.botSecret],
    }),
    tocaro: createWebhook({ platform: 'tocaro', name: 'bot', signingSecret: [tocaro.signingSecret] }),
  })

  test.each(['line', 'lineworks', 'tocaro'] as const)(
    'is authentic for the %s webhook, in the same conversation',
    async (platform) => {
      const { emulator, bot, accounts } = await setup()
      const webhook = webhooksOf(accounts)[platform]
      for (const room of [undefined, 'room-1']) {
        const { conversation } = await emulator.say({ platform, text: 'やあ😀', ...(room ? { room } : {}) })
        const { headers, text } = bot.received.at(-1)!
        const received = webhook.receive({ headers, body: Buffer.from(text), receivedAt: 0 })
        expect(received).toMatchObject({
          kind: 'events',
          events: [{ type: 'text', text: 'やあ😀', conversation }],
        })
      }
    },
  )
})
