import type { Setup } from './emulator.test.support'

export const user = `U${'1'.repeat(32)}`

export const text = (content = 'hello') => ({ type: 'text', text: content })

export const push = ({ line }: Setup, body: Record<string, unknown> = {}, headers = {}) =>
  line('/v2/bot/message/push', { to: user, messages: [text()], ...body }, headers)

export const reply = ({ line }: Setup, replyToken: string, messages = [text()]) =>
  line('/v2/bot/message/reply', { replyToken, messages })

/** A user says hi; resolves with the reply token of that event. */
export async function replyTokenOf({ emulator, bot }: Setup): Promise<string> {
  await emulator.say({ platform: 'line', text: 'hi', user })
  const last = bot.received.at(-1)
  if (!last) throw new Error('the bot got no webhook')
  return last.json.events[0].replyToken
}
