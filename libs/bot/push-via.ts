import { HooklineError, type Message, type PlatformName, type Target, suggestion } from '#libs/contract'
import { checkMessages } from '#libs/messages'
import { pushTarget } from '#libs/platforms'

/** What another bot is to say, and where. */
export interface PushVia {
  bot: string
  messages: Message[]
  to: Target
}

/** The bots of the configuration, by name. */
export type BotPlatforms = ReadonlyMap<string, PlatformName>

/**
 * What the other bot's platform makes of it.
 * @throws HooklineError `no_target` for a bot or a target that does not exist, `message_invalid` for a message that the
 * platform can't take.
 */
export function checkPushVia(
  { bot, messages, to }: PushVia,
  bots: BotPlatforms,
): { platform: PlatformName; target: Target } {
  const platform = bots.get(bot)
  if (!platform) {
    const words = `There is no bot "${bot}" in the configuration. ${suggestion(bot, [...bots.keys()])}`
    throw new HooklineError('no_target', words)
  }
  const { target, problem } = pushTarget(platform, to)
  if (!target) throw new HooklineError('no_target', `The target of ctx.pushVia ${problem}.`)
  checkMessages(messages, { platform, kind: target.kind })
  return { platform, target }
}
