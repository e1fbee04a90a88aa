import { Command } from 'commander'
import type { CommandDeps } from './program'
import { type SendOptions, send } from './send'

const help = `
TARGET is KIND:ID with the platform's own id: user:U123…, group:…, room:…,
channel:…

The key of the push API comes from HOOKLINE_API_KEY or HOOKLINE_API_KEY_FILE.

  hookline send shop user:U4af4980629… 'こんにちは' --wait
  hookline send shop group:C123… --message '{"type":"image","url":"https://…"}'
  hookline send ops channel:… --file message.json --json

Exit code: 0 accepted (with --wait: sent), 1 an error or refused,
with --wait 2 failed: it is a dead letter, 3 not sent yet when the time was
over: it goes on by itself.`

/** `hookline send BOT TARGET TEXT…` */
export function sendCommand({ exitWith, ...deps }: CommandDeps): Command {
  return new Command('send')
    .description('send messages through a bot, by the push API of the ingress')
    .argument('<bot>', 'name of the bot')
    .argument('<target>', 'where to: user:ID, group:ID, room:ID, channel:ID')
    .argument('[text...]', 'texts, one message each')
    .option('--message <json>', 'a message, or a list of them, as JSON')
    .option('--file <path>', 'the same from a file; - is standard input')
    .option('--key <key>', 'Idempotency-Key: the same key and messages send once (default: a new one)')
    .option('--wait [seconds]', 'until it is sent or failed, 60 seconds at most if not said otherwise')
    .option('--url <url>', 'the ingress (default: HOOKLINE_URL, else http://127.0.0.1:3000)')
    .option('--json', 'the API’s answer as a JSON object: the id, with --wait the status')
    .addHelpText('after', help)
    .action((bot: string, target: string, texts: string[], options: SendOptions) =>
      exitWith(send({ bot, target, texts, ...options }, deps)),
    )
}
