import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { HooklineError } from '#libs/contract'
import type { Accepted, ErrorAnswer, PushStatusAnswer } from '#libs/push'
import { flushed, onUnread, printableJson } from './terminal'
import { plain } from './text-width'

export interface SendOptions {
  message?: string
  file?: string
  key?: string
  /** Seconds as text; true where no number was given. */
  wait?: string | true
  url?: string
  json?: boolean
}

interface Send extends SendOptions {
  bot: string
  target: string
  texts: string[]
}

interface Deps {
  env: Record<string, string | undefined>
  out: NodeJS.WriteStream
}

const kinds = ['user', 'group', 'room', 'channel']
const exit = { ok: 0, failed: 2, notYet: 3 }

/** `hookline send`: resolves with the exit code; throws what is wrong with the words or the answer. */
export async function send(given: Send, { env, out }: Deps): Promise<number> {
  const body = { to: targetOf(given.target), messages: messagesOf(given) }
  const waitMs = waitOf(given.wait)
  const api = apiOf(given, env)
  const path = `/v1/bots/${encodeURIComponent(given.bot)}/messages`
  // Our own retry after a lost answer must not send twice.
  const headers = { 'idempotency-key': given.key ?? randomUUID() }
  const { id } = (await api(path, { method: 'POST', headers, body: JSON.stringify(body) })) as Accepted
  // It is accepted by now: who reads nothing still gets the exit code.
  onUnread(out, () => undefined)
  const print = (line: string) => {
    out.write(`${line}\n`)
    return flushed(out)
  }
  if (waitMs === undefined) {
    await print(given.json ? printableJson({ id }) : `Accepted: ${id}`)
    return exit.ok
  }
  const status = await statusAtEnd(id, { api, waitMs })
  await print(given.json ? printableJson(status) : statusText(status))
  return exitCode(status)
}

function targetOf(target: string): Record<string, string> {
  const [, kind = '', id = ''] = /^([a-z]+):(.+)$/s.exec(target) ?? []
  if (kinds.includes(kind)) return { [kind]: id }
  throw usage(
    `"${target}" is no target. Give a kind and an id, such as user:U123; kinds: ${kinds.join(', ')}.`,
  )
}

function messagesOf({ texts, message, file }: Send): unknown[] {
  const fromTexts = texts.map((text) => ({ type: 'text', text }))
  const fromJson = message === undefined ? [] : listOf(message, '--message')
  const fromFile = file === undefined ? [] : listOf(readText(file), file)
  const all = [...fromTexts, ...fromJson, ...fromFile]
  if (all.length > 0) return all
  throw usage('There is nothing to send. Give texts, --message or --file.')
}

function listOf(json: string, place: string): unknown[] {
  try {
    return [JSON.parse(json) as unknown].flat()
  } catch (error) {
    throw usage(`${place} is no JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw usage(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

function waitOf(wait: SendOptions['wait']): number | undefined {
  if (wait === undefined) return undefined
  if (wait === true) return 60_000
  if (/^[1-9]\d{0,4}$/.test(wait)) return Number(wait) * 1000
  throw usage(`--wait takes whole seconds, not "${wait}". Texts go before it.`)
}

/** One request to the API; throws its words where it refuses. */
type Api = (path: string, init?: PostInit) => Promise<unknown>

interface PostInit {
  method?: 'POST'
  headers?: Record<string, string>
  body?: string
}

function apiOf(given: SendOptions, env: Deps['env']): Api {
  const base = (given.url ?? env['HOOKLINE_URL'] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '')
  if (!/^https?:\/\//.test(base) || !URL.canParse(base))
    throw usage(
      `"${base}" is no address of an ingress. Give --url or HOOKLINE_URL, e.g. http://127.0.0.1:3000.`,
    )
  const key = keyOf(env)
  return async (path, init = {}) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...init.headers }
    const response = await fetch(base + path, {
      ...init,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    }).catch((error: unknown) => {
      throw unreachable(base, error)
    })
    const answer = (await response.json().catch(() => undefined)) as Partial<ErrorAnswer> | undefined
    if (response.ok && answer) return answer
    throw refused(response.status, answer)
  }
}

/** With several keys, for a rotation, the first. */
function keyOf(env: Deps['env']): string {
  const file = env['HOOKLINE_API_KEY_FILE'] ?? ''
  const text = file === '' ? (env['HOOKLINE_API_KEY'] ?? '') : readText(file)
  const [key] = text.split(/[\s,]+/).filter((word) => word !== '')
  if (key === undefined) throw usage('HOOKLINE_API_KEY is not set. Set it to the key that the ingress has.')
  return key
}

function unreachable(base: string, error: unknown): HooklineError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const words = cause instanceof Error ? cause.message : String(cause)
  return usage(
    `The ingress at ${base} can't be reached: ${words}. Is it running? Give --url or HOOKLINE_URL.`,
  )
}

function refused(status: number, answer: Partial<ErrorAnswer> | undefined): HooklineError {
  const words = answer?.error && typeof answer.error === 'object' ? answer.error.message : undefined
  return usage(
    words === undefined
      ? `HTTP ${status}, and no answer of a push API. Does the URL lead to the ingress?`
      : `HTTP ${status}: ${plain(words)}`,
  )
}

const over = ['sent', 'failed', 'discarded']

/** Asks until it is over or the time is. While Redis is away the status can't be known: that is waited for too. */
async function statusAtEnd(
  id: string,
  { api, waitMs }: { api: Api; waitMs: number },
): Promise<PushStatusAnswer> {
  const until = Date.now() + waitMs
  for (let delayMs = 100; ; delayMs = Math.min(delayMs * 1.5, 2000)) {
    const left = until - Date.now()
    try {
      const status = (await api(`/v1/messages/${id}`)) as PushStatusAnswer
      if (over.includes(status.status) || left <= 0) return status
    } catch (error) {
      if (left <= 0 || !(error instanceof Error && error.message.startsWith('HTTP 503'))) throw error
    }
    await pause(Math.min(delayMs, Math.max(left, 0)))
  }
}

function exitCode({ status }: PushStatusAnswer): number {
  if (status === 'sent') return exit.ok
  return over.includes(status) ? exit.failed : exit.notYet
}

function statusText({ id, status, explanation, nextTryAt, deadLetter, messages }: PushStatusAnswer): string {
  const sent = messages.filter((message) => message.status === 'sent').length
  const parts = [
    `${status}: ${id}, ${sent} of ${messages.length} message(s) sent`,
    ...(explanation === undefined ? [] : [plain(explanation)]),
    ...(nextTryAt === undefined ? [] : [`Next try: ${nextTryAt}`]),
    ...(deadLetter === undefined ? [] : [`Dead letter: hookline dead-letters show ${deadLetter}`]),
  ]
  return parts.join('\n  ')
}

function usage(message: string): HooklineError {
  return new HooklineError('config_invalid', message)
}
