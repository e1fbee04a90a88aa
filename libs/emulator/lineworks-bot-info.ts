import type { LineworksAccount } from './accounts'
import type { EmulatorContext } from './context'
import type { BotOperation } from './lineworks-api'

/**
 * The bot as the Developer Console has it. The names are those of the body that registers a bot
 * [seen S2, S6]; that the answer has the same ones is [assumed].
 */
export function lineworksBotOperation({
  account,
  context,
}: {
  account: LineworksAccount
  context: EmulatorContext
}): BotOperation {
  return {
    name: 'bots.get',
    method: 'get',
    path: '/v1.0/bots/:botId',
    scopes: ['bot', 'bot.read'],
    handle: () => ({
      status: 200,
      body: {
        botId: Number(account.botId),
        botName: 'Emulated bot',
        enableCallback: context.settings().lineworksCallback,
        callbackUrl: account.webhookUrl,
      },
    }),
  }
}
