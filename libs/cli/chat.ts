import { createInterface } from 'node:readline'
import { HooklineError, type PlatformName } from '#libs/contract'
import type { LedgerEntry } from '#libs/emulator'
import { type DevStack, startDevStack } from './dev-stack'
import { type Paint, onUnread, painter, printableJson } from './terminal'

export interface ChatCommand {
  /** The platforms to talk on; all of them hear every line. */
  platforms: PlatformName[]
  env: NodeJS.ProcessEnv
  cwd: string
  input: NodeJS.ReadStream
  out: NodeJS.WriteStream
  err: NodeJS.WriteStream
  /** What the bot says as JSON on `out`, all else on `err`. */
  json: boolean
}

/** How long a line waits for the bot before the next one is taken: milliseconds. */
const answerWaitMs = 10_000

/**
 * `hookline chat`: what is typed goes as a user's message through the emulator's webhook, the ingress and
 * the worker, and the bot's answers come back through the platform's API. Uses the emulator that EMULATOR_URL
 * names or that runs on this machine, or starts everything for the time of the chat.
 */
export async function chat({ platforms, env, cwd, input, out, err, json }: ChatCommand): Promise<number> {
  const named = env['EMULATOR_URL']?.replace(/\/+$/, '')
  const running = named || `http://${env['HOST'] ?? '127.0.0.1'}:${env['EMULATOR_PORT'] ?? '3002'}`
  const isThere = await isEmulator(running)
  if (named && !isThere)
    throw new HooklineError(
      'config_invalid',
      `There is no emulator at ${named} (EMULATOR_URL). Start it: docker compose --profile dev up -d`,
    )
  const own = isThere ? undefined : await startQuietly({ env, cwd, out: json ? err : out })
  try {
    const unread = new Promise<void>((resolve) => onUnread(out, resolve))
    const show = json
      ? (entry: LedgerEntry) => jsonOf(entry)
      : (entry: LedgerEntry) => textsOf(entry, painter(out, env))
    const notes = json ? err : out
    const url = own?.urls.emulator ?? running
    await Promise.race([unread, converse({ url, platforms, input, out, notes, show })])
    return 0
  } finally {
    await own?.stop()
  }
}

async function isEmulator(url: string): Promise<boolean> {
  const response = await fetch(`${url}/__emulator`).catch(() => undefined)
  return response?.ok === true
}

async function startQuietly({ env, cwd, out }: Pick<ChatCommand, 'env' | 'cwd' | 'out'>): Promise<DevStack> {
  out.write('Starting Redis, emulator, ingress and worker …\n')
  const stack = await startDevStack({
    env: { ...env, LOG_LEVEL: 'warn' },
    cwd,
    print: (source, line) => out.write(`${source}: ${line}\n`),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stack.stop().then(() => process.exit(0)))
  }
  return stack
}

interface Conversation {
  url: string
  platforms: PlatformName[]
  input: NodeJS.ReadStream
  out: NodeJS.WriteStream
  /** Takes what the bot did not say. */
  notes: NodeJS.WriteStream
  /** The lines for what the bot said. */
  show: (entry: LedgerEntry) => string[]
}

async function converse({ url, platforms, input, out, notes, show }: Conversation): Promise<void> {
  // First the answers: lines that come in before somebody iterates over them would be lost.
  const shown = { write: (text: string, to: NodeJS.WriteStream) => void to.write(`${text}\n`) }
  const answers = await followAnswers(url, platforms, (entry) =>
    show(entry).forEach((text) => shown.write(text, out)),
  )
  const lines = createInterface({
    input,
    terminal: input.isTTY,
    ...(input.isTTY ? { output: notes } : {}),
    prompt: 'you> ',
  })
  if (input.isTTY) {
    // The answer takes the place of the waiting prompt, which comes back below it.
    shown.write = (text, to) => {
      notes.write('\r\x1b[K')
      to.write(`${text}\n`)
      lines.prompt(true)
    }
  }
  shown.write(`Talking on ${platforms.join(', ')}. Type a message; Ctrl-D ends.`, notes)
  try {
    for await (const line of lines) {
      if (line.trim() !== '')
        await sayEverywhere(url, {
          platforms,
          text: line,
          write: (said) => shown.write(said, notes),
          answers,
        })
      if (input.isTTY) lines.prompt()
    }
  } finally {
    answers.stop()
  }
}

interface Saying {
  platforms: PlatformName[]
  text: string
  write: (text: string) => void
  answers: Answers
}

async function sayEverywhere(url: string, { platforms, text, write, answers }: Saying): Promise<void> {
  await Promise.all(
    platforms.map(async (platform) => {
      const answered = answers.next(platform, answerWaitMs)
      const delivery = await postJson(`${url}/__emulator/say`, { platform, text })
      if (!delivery.delivered) {
        write(`${platform}: the webhook was answered ${delivery.status}; the bot did not get this`)
      } else if (!(await answered)) {
        write(`${platform}: no answer within ${answerWaitMs / 1000} s`)
      }
    }),
  )
}

async function postJson(url: string, body: object): Promise<{ delivered: boolean; status: number }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { delivered: boolean; status: number }
}

interface Answers {
  /** True when the bot says something on this platform within the time. */
  next(platform: PlatformName, timeoutMs: number): Promise<boolean>
  stop(): void
}

/** Shows everything the bot says, as the emulator's ledger gets it. */
async function followAnswers(
  url: string,
  platforms: PlatformName[],
  onMessage: (entry: LedgerEntry) => void,
): Promise<Answers> {
  const abort = new AbortController()
  const waiting = new Set<{ platform: PlatformName; resolve: (answered: boolean) => void }>()
  let after = (await readLedger(url, { after: 0, wait: 0, signal: abort.signal })).at(-1)?.seq ?? 0
  const follow = async () => {
    while (!abort.signal.aborted) {
      for (const entry of await readLedger(url, { after, wait: 20_000, signal: abort.signal })) {
        after = entry.seq
        if (entry.kind !== 'message' || !platforms.includes(entry.platform)) continue
        onMessage(entry)
        for (const wait of waiting) if (wait.platform === entry.platform) wait.resolve(true)
      }
    }
  }
  follow().catch(() => undefined)
  return {
    next: (platform, timeoutMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => done(false), timeoutMs)
        const done = (answered: boolean) => {
          clearTimeout(timer)
          waiting.delete(wait)
          resolve(answered)
        }
        const wait = { platform, resolve: done }
        waiting.add(wait)
      }),
    stop: () => abort.abort(),
  }
}

interface LedgerQuery {
  after: number
  wait: number
  signal: AbortSignal
}

async function readLedger(url: string, { after, wait, signal }: LedgerQuery): Promise<LedgerEntry[]> {
  const response = await fetch(`${url}/__emulator/ledger?after=${after}&wait=${wait}`, { signal })
  const body = (await response.json()) as { entries: LedgerEntry[] }
  return body.entries
}

function textsOf({ platform, messages = [] }: LedgerEntry, paint: Paint): string[] {
  return messages.map((message) => `${paint('green', `${platform}>`)} ${textOf(message)}`)
}

function jsonOf({ platform, messages = [] }: LedgerEntry): string[] {
  return messages.map((message) => printableJson({ platform, message }))
}

/** LINE message, LINE WORKS content and Tocaro body all carry their text as `text`. */
function textOf(message: unknown): string {
  const text = (message as { text?: unknown }).text
  return typeof text === 'string' ? text : JSON.stringify(message)
}
