import { type DevStack, startDevStack } from './dev-stack'
import { createLinePrinter } from './log-lines'
import { onUnread, printableJson } from './terminal'

export interface DevCommand {
  env: NodeJS.ProcessEnv
  cwd: string
  out: NodeJS.WriteStream
  err: NodeJS.WriteStream
  bot?: string
  watch: boolean
  json?: boolean
}

/** `hookline dev`: everything in one terminal until Ctrl-C. Resolves with the exit code. */
export async function dev({ cwd, out, err, watch, json = false, ...given }: DevCommand): Promise<number> {
  const env = given.bot === undefined ? given.env : { ...given.env, HOOKLINE_BOT: given.bot }
  const print = createLinePrinter(json ? err : out, env)
  const interrupted = onSignals(out)
  const stack = await Promise.race([startDevStack({ env, cwd, print, watch }), interrupted.first])
  if (typeof stack === 'string') return 130
  if (json) out.write(`${printableJson(described(stack))}\n`)
  for (const line of greeting(stack, watch)) print('hookline', line)

  const end = await Promise.race([stack.failed, interrupted.first])
  void interrupted.second.then(() => {
    stack.kill()
    process.exit(1)
  })
  if (typeof end === 'string') print('hookline', 'stopping (press Ctrl-C again to force)')
  else print('hookline', `the ${end.name} process ended (${end.code}); stopping the rest`)
  await stack.stop()
  print('hookline', 'stopped')
  return typeof end === 'string' ? 0 : 1
}

function described({ urls, bot, redis, privateRedisUrl, consolePassword }: DevStack): object {
  return {
    ready: true,
    urls,
    bot,
    redis,
    ...(privateRedisUrl === undefined ? {} : { redisUrl: privateRedisUrl }),
    ...(consolePassword === undefined ? {} : { consolePassword }),
  }
}

function greeting(stack: DevStack, watch: boolean): string[] {
  const { urls, bot, redis, privateRedisUrl, consolePassword } = stack
  return [
    `ready: webhooks at ${urls.ingress}/webhooks/{line,lineworks,tocaro}`,
    `chat with the bot in a browser, and break things on purpose: ${urls.emulator}`,
    `console at ${urls.console}: log in as operator, password ${consolePassword ?? 'as HOOKLINE_CONSOLE_PASSWORD says'}`,
    `worker at ${urls.worker}`,
    redis === 'js-redis-server'
      ? 'events are kept by the embedded Redis: in memory, and slowly. Install redis-server to keep them on disk.'
      : `events are kept by ${redis}`,
    `the bot is ${bot}${watch ? '; it is loaded again when its files change' : ''}`,
    'chat with the bot from another terminal: npx hookline chat line',
    `what waits, happens, failed: ${privateRedisUrl ? `REDIS_URL=${privateRedisUrl} ` : ''}npx hookline status (tail, dead-letters list)`,
    'Ctrl-C stops everything',
  ]
}

/** One Ctrl-C under `npm start` comes twice: from the terminal and from npm. */
const sameSignalMs = 1000

/** The first and the second signal that asks the process to end; nobody who reads its lines asks for it too. */
function onSignals(out: NodeJS.WriteStream): { first: Promise<string>; second: Promise<string> } {
  const resolvers: ((signal: string) => void)[] = []
  const [first, second] = [0, 1].map(() => new Promise<string>((resolve) => resolvers.push(resolve)))
  let lastAt = -Infinity
  const onSignal = (signal: string) => {
    const isNew = performance.now() - lastAt > sameSignalMs
    lastAt = performance.now()
    if (isNew) resolvers.shift()?.(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  onUnread(out, () => onSignal('nobody reads'))
  return { first: first ?? Promise.resolve(''), second: second ?? Promise.resolve('') }
}
