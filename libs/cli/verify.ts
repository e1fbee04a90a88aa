import { styleText } from 'node:util'
import { HooklineError } from '#libs/contract'
import { createHttp } from '#libs/http'
import { type Check, verifyTocaro } from './verify-tocaro'

export interface VerifyCommand {
  url: string
  secret: string
  out: NodeJS.WriteStream
}

const marks = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const

/** `hookline verify tocaro`: 0 when the URL can be registered, 1 otherwise. */
export async function verify({ url, secret, out }: VerifyCommand): Promise<number> {
  if (!URL.canParse(url))
    throw new HooklineError(
      'config_invalid',
      `"${url}" is no URL. Give the whole URL, e.g. --url https://bot.example.com/events`,
    )
  const checks = await verifyTocaro({ url, secret, http: createHttp({ timeoutMs: 5000 }) })
  for (const check of checks) out.write(`${line(check, out.isTTY)}\n`)
  const failed = checks.some((check) => check.result === 'failed')
  out.write(failed ? 'This URL can not be registered yet.\n' : 'This URL can be registered.\n')
  return failed ? 1 : 0
}

function line({ name, result, explanation }: Check, colour: boolean): string {
  const [mark, colourName] = marks[result]
  return `${colour ? styleText(colourName, mark) : mark} ${name}: ${explanation}`
}
