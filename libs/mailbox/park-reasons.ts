/** What a person can do about a dead letter, by its reason. */
const advice: Record<string, string> = {
  attempts_used_up:
    'Find the cause in the attempts: a bug in the handler, or a platform that was away. Fix it, then replay.',
  too_old:
    'It was tried for as long as RETRY_MAX_AGE allows. Replay it if an answer still helps, else discard it.',
  rejected:
    'The platform will refuse the same message again. If the cause lies with an account or a permission, fix that and replay; else discard it.',
  message_invalid: 'The bot says something that the platform does not take. Fix the bot file, then replay.',
  state_invalid:
    'The bot keeps what can not be kept: its session, a timer or a result of once. Fix the bot file, then replay.',
  no_target: 'The bot speaks where nobody can hear it. Fix the bot file, then replay; or discard it.',
  config_invalid: 'Fix the settings of the bot, restart the worker, then replay.',
  monthly_quota_used_up:
    'Raise the plan of the LINE official account, or wait for the next month; then replay.',
  reply_token_expired: 'Replay with --push to send the reply as a push, which is billed; or discard it.',
  too_many_replies: 'Replay with --push to send the rest as pushes, which are billed; or discard it.',
  maybe_sent:
    'Look into the chat whether the message is there. If not, replay (a LINE reply: with --push); if so, discard it.',
  crashed:
    'The handler seems to kill the worker on this event. Reproduce it with `hookline dev`, fix the bot file, then replay.',
  not_understood:
    'Authentic, but no event that Hookline knows: a replay changes nothing. Report its raw object, then discard it.',
}

export const parkReasons: readonly string[] = Object.keys(advice)

export function adviceFor(reason: string): string {
  return advice[reason] ?? 'Read the attempts, remove the cause, then replay; or discard it.'
}
