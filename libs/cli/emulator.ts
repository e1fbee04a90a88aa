import { createPublicKey } from 'node:crypto'
import { type EmulatorBot, type EmulatorConfig, loadConfig } from '#libs/config'
import { type Accounts, baseUrlEnv, createDevAccounts, startEmulator } from '#libs/emulator'
import { createLogger } from '#libs/observability'
import { runUntilSignal } from '#libs/process'
import { createDevStories } from './dev-stories'
import { printableJson } from './terminal'

export interface EmulatorCommand {
  env: NodeJS.ProcessEnv
  cwd: string
  /** Takes the log lines with `json`. */
  err: NodeJS.WriteStream
  /** One JSON object instead of the lines for people. */
  json: boolean
  /** Takes the lines for people: where it listens, and what to give to the bot's processes. */
  print: (line: string) => void
}

/** `hookline emulator`: the three platforms with the accounts of the environment, made up where none is set. */
export async function emulator({ env, cwd, err, json, print }: EmulatorCommand): Promise<void> {
  const config = loadConfig({ role: 'emulator', env, cwd })
  const log = createLogger({
    name: 'emulator',
    level: config.logLevel,
    ...(json ? { destination: err } : {}),
  })
  const { ingressUrl } = config
  const made = createDevAccounts({ ingressUrl })
  const accounts = accountsOf(config, made.accounts, ingressUrl)
  const stories = env['REDIS_URL'] ? createDevStories(env['REDIS_URL']) : undefined
  const emulated = await startEmulator({
    ...{ host: config.host, port: config.port, accounts, log: (line) => log.info(line) },
    ...(env['EMULATOR_URL'] ? { publicUrl: env['EMULATOR_URL'] } : {}),
    ...(stories ? { stories } : {}),
  })
  const running = {
    ...emulated,
    close: async () => {
      await emulated.close()
      stories?.close()
    },
  }

  const madeUp = Object.entries(made.env).filter(([name]) => !isSet(config, name))
  // In a container it listens on 0.0.0.0, which nobody can call.
  const reachableAt = env['EMULATOR_URL'] || running.url
  const settings = { ...baseUrlEnv(reachableAt), ...Object.fromEntries(madeUp) }
  if (json) print(printableJson({ ready: true, url: running.url, ingressUrl, settings }))
  else greeting(running.url, ingressUrl, settings).forEach(print)
  runUntilSignal(running, { log, shutdownTimeoutMs: config.shutdownTimeoutMs })
}

function greeting(url: string, ingressUrl: string, settings: Record<string, string>): string[] {
  return [
    `Emulator of LINE, LINE WORKS and Tocaro: open ${url} in a browser; its own API: ${url}/__emulator`,
    `It sends webhooks to ${ingressUrl}/webhooks/…`,
    'Settings that make an ingress and a worker use it:',
    ...Object.entries(settings).map(([name, value]) => `  ${name}=${JSON.stringify(value)}`),
  ]
}

/** The made-up account of a platform, with whatever the environment says of it instead. */
function accountsOf(config: EmulatorConfig, made: Required<Accounts>, ingressUrl: string): Accounts {
  const accounts = { ...made }
  for (const bot of config.bots) {
    const webhookUrl = `${ingressUrl}/webhooks/${bot.name}`
    if (bot.platform === 'line') accounts.line = { ...made.line, ...lineAccount(bot), webhookUrl }
    if (bot.platform === 'lineworks')
      accounts.lineworks = { ...made.lineworks, ...lineworksAccount(bot), webhookUrl }
    if (bot.platform === 'tocaro') accounts.tocaro = { ...made.tocaro, ...tocaroAccount(bot), webhookUrl }
  }
  return accounts
}

type BotOn<P> = Extract<EmulatorBot, { platform: P }>

function lineAccount(bot: BotOn<'line'>) {
  return given({
    channelId: bot.channelId,
    channelSecret: bot.channelSecret?.[0],
    channelAccessToken: bot.channelAccessToken,
    assertionPublicKey: bot.assertionKey === undefined ? undefined : publicHalf(bot.assertionKey),
    assertionKid: bot.assertionKid,
  })
}

function lineworksAccount(bot: BotOn<'lineworks'>) {
  return given({
    botId: bot.botId,
    botSecret: bot.botSecret?.[0],
    clientId: bot.clientId,
    clientSecret: bot.clientSecret,
    serviceAccount: bot.serviceAccount,
    publicKey: bot.privateKey === undefined ? undefined : publicHalf(bot.privateKey),
  })
}

function tocaroAccount(bot: BotOn<'tocaro'>) {
  const hookUrl = typeof bot.webhookUrl === 'string' ? bot.webhookUrl : Object.values(bot.webhookUrl ?? {})[0]
  return given({
    signingSecret: bot.signingSecret?.[0],
    accessToken: bot.accessToken,
    hookKey: hookUrl?.split('/').at(-1),
    botUser: bot.botUser?.[0],
  })
}

function publicHalf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
}

/** Without the keys that are undefined. */
function given<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string
  }
}

/** The environment has a bot on the platform that this variable belongs to. */
function isSet(config: EmulatorConfig, name: string): boolean {
  return config.bots.some((bot) => name.startsWith(`${bot.platform.toUpperCase()}_`))
}
