import { HooklineError } from '#libs/contract'
import { createHttp } from '#libs/http'
import { type Paint, painter, printableJson } from './terminal'
import { type Check, verifyTocaro } from './verify-tocaro'

export interface VerifyCommand {
  url: string
  secret: string
  env: NodeJS.ProcessEnv
  out: NodeJS.WriteStream
  json: boolean
}

const marks = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const

/** `hookline verify tocaro`: 0 when the URL can be registered, 1 otherwise. */
export async function verify({ url, secret, env, out, json }: VerifyCommand): Promise<number> {
  if (!URL.canParse(url))
    throw new HooklineError(
      'config_invalid',
      `"${url}" is no URL. Give the whole URL, e.g. --url https://bot.example.com/events`,
    )
  const checks = await verifyTocaro({ url, secret, http: createHttp({ timeoutMs: 5000 }) })
  const failed = checks.some((check) => check.result === 'failed')
  if (json) {
    out.write(`${printableJson({ url, ok: !failed, checks })}\n`)
    return failed ? 1 : 0
  }
  const paint = painter(out, env)
  for (const check of checks) out.write(`${line(check, paint)}\n`)
  out.write(failed ? 'This URL can not be registered yet.\n' : 'This URL can be registered.\n')
  return failed ? 1 : 0
}

function line({ name, result, explanation }: Check, paint: Paint): string {
  const [mark, colourName] = marks[result]
  return `${paint(colourName, mark)} ${name}: ${explanation}`
}
