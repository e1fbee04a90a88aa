import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { HooklineError, type PlatformName } from '#libs/contract'
import { listen } from '#libs/process'
import type { Accounts } from './accounts'
import type { PlatformApi } from './api-call'
import type { EmulatorContext } from './context'
import { controlApi } from './control-api'
import { createDirectory } from './directory'
import { createFaults, type Faults } from './faults'
import { createPage, type Page } from './page'
import { pageAssets } from './page-assets'
import { refuseForeign } from './page-guard'
import { pageRoutes } from './page-routes'
import type { Backstage, Stories } from './page-types'
import { createLedger, type Ledger } from './ledger'
import { createOutages } from './outages'
import { createPlatforms, type Platforms } from './platforms'
import type { RawEvent, Said } from './platform-webhooks'
import { refuseUnserved, serveApi, writeAnswer, type Unserved } from './serve-api'
import { createSettings, type EmulatorSettings, type SettingsPatch } from './settings'
import type { Registration } from './tocaro-registration'
import { createWatch } from './watch'
import { createWebhookSender, type Delivery } from './webhook-sender'

/** Where an emulator listens and what it plays. */
export interface EmulatorOptions {
  host: string
  /** 0 for any free port. */
  port: number
  accounts: Accounts
  /** Unix milliseconds; what tokens, windows and time stamps go by. Timers run in real time all the same. */
  clock?: () => number
  /** In [0, 1): which calls a fault with a rate hits. */
  random?: () => number
  log?: (line: string) => void
  settings?: SettingsPatch
  /** What it is called from elsewhere, where that is not its address: `EMULATOR_URL`. */
  publicUrl?: string
  /** What its page may do to the other processes: kill a worker, stop Redis. */
  backstage?: Backstage
  /** Where its page finds the ways of messages. */
  stories?: Stories
}

/** A user's words on one platform. */
export interface SayOptions extends Said {
  platform: PlatformName
}

/** Events as a platform would send them. */
export interface SendEventOptions {
  platform: PlatformName
  /** Platform events, complete or in part. */
  events: RawEvent[]
  /** LINE: all of them in one request. */
  batch?: boolean
}

/** Stand-ins for the three platforms on one origin. */
export interface Emulator {
  url: string
  ledger: Ledger
  faults: Faults
  /** A user says something; resolves after the first attempt to tell the bot. Tocaro registers first. */
  say(options: SayOptions): Promise<Delivery>
  /** One delivery per request that was sent. */
  sendEvent(options: SendEventOptions): Promise<Delivery[]>
  settings(): EmulatorSettings
  configure(patch: SettingsPatch): EmulatorSettings
  /** Tocaro's handshake; the only way back after the endpoint was disabled. */
  registerTocaro(url?: string): Promise<Registration>
  /** Ends all tokens that the emulator issued; a long-lived one from the accounts stays. */
  expireTokens(platform: PlatformName): number
  /** Ends retries, open connections and the server. */
  close(): Promise<void>
}

/** Starts an emulator; resolves when it listens, rejects with `config_invalid` when the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const closing = new AbortController()
  // Every pause listens to it.
  setMaxListeners(0, closing.signal)
  const settings = createSettings(options.settings)
  const machine = options.clock ?? Date.now
  const clock = () => machine() + settings.current().clockOffsetMs
  let storagePort = 0
  const watch = createWatch()
  const context: EmulatorContext = {
    clock,
    settings: settings.current,
    ledger: createLedger({ clock, onAppend: (entry) => entry.kind === 'message' && watch.said(entry) }),
    faults: createFaults({ clock, ...(options.random ? { random: options.random } : {}) }),
    outages: createOutages(clock),
    watch,
    directory: createDirectory(),
    log: options.log ?? (() => undefined),
    storagePort: () => storagePort,
    closing: closing.signal,
  }
  const sender = createWebhookSender(context)
  // A copy: the platforms may be told another webhook URL.
  const accounts = structuredClone(options.accounts)
  const platforms = createPlatforms(accounts, context, sender)

  const app = express()
  const emulator: Omit<Emulator, 'url' | 'close'> = {
    ...verbs(platforms),
    ledger: context.ledger,
    faults: context.faults,
    settings: settings.current,
    configure: settings.patch,
  }
  let url = ''
  const page = createPage({ ...options, accounts, context, platforms, baseUrl: () => url })
  const control = controlApi({ emulator, accounts, context, platforms })
  mount(app, { platforms, context, control, page, guard: guardOf(options) })
  const server = createServer(app)
  const port = await listen(server, { ...options, setting: 'EMULATOR_PORT' })
  // Another port stands for another host: whoever follows a redirect must bring the token there.
  const storage = createServer(app)
  storagePort = await listen(storage, { host: options.host, port: 0, setting: 'EMULATOR_PORT' })
  url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  return {
    ...emulator,
    url,
    close: async () => {
      closing.abort()
      await page.close()
      await sender.close()
      const closed = [server, storage].map((each) => new Promise((resolve) => each.close(resolve)))
      for (const each of [server, storage]) each.closeAllConnections()
      await Promise.all(closed)
    },
  }
}

/** Whom the page and the control API answer. */
function guardOf({ host, publicUrl }: EmulatorOptions): express.RequestHandler {
  const url = publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl) : undefined
  return refuseForeign({ hosts: [host, ...(url ? [url.hostname] : [])], origins: url ? [url.origin] : [] })
}

function verbs(
  platforms: Platforms,
): Pick<Emulator, 'say' | 'sendEvent' | 'registerTocaro' | 'expireTokens'> {
  return {
    say: async ({ platform, ...said }) => given(platforms, platform).webhooks.say(said),
    sendEvent: async ({ platform, events, batch = false }) =>
      given(platforms, platform).webhooks.send(events, batch),
    registerTocaro: async (url) => given(platforms, 'tocaro').webhooks.register(url),
    expireTokens: (platform) => given(platforms, platform).expireTokens(),
  }
}

function given<P extends PlatformName>(platforms: Platforms, platform: P): NonNullable<Platforms[P]> {
  const found = platforms[platform]
  if (found) return found
  throw new HooklineError('config_invalid', `The emulator has no ${platform} account. Start it with one.`)
}

interface Mounting {
  platforms: Platforms
  context: EmulatorContext
  control: express.Router
  page: Page
  guard: express.RequestHandler
}

/** [assumed] LINE's limit of 2 MB stands for all three: the other two state none. */
const bodyLimit = 2 * 1024 * 1024

/** A photograph in base64. */
const pageBodyLimit = 24 * 1024 * 1024

function mount(app: Express, { platforms, context, control, page, guard }: Mounting): void {
  const apis = Object.values(platforms).map((platform: { api: PlatformApi }) => platform.api)
  const owner = (req: Request) => apis.find((api) => api.owns.test(req.path))
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(neverADocument)
  app.use('/__emulator', guard)
  app.use('/__emulator/page', express.raw({ type: () => true, limit: pageBodyLimit }))
  app.use(express.raw({ type: () => true, limit: bodyLimit }))
  app.use('/__emulator/page', pageRoutes(page))
  app.use('/__emulator', control)
  app.use(pageAssets(guard))
  apis.forEach((api) => serveApi(app, api, context))
  app.use((req: Request, res: Response) => {
    const api = owner(req)
    if (api) refuseUnserved(api, 'not_found', { context, req, res })
    else
      writeAnswer(res, {
        status: 404,
        body: { error: 'The Hookline emulator has nothing here; see /__emulator.' },
      })
  })
  app.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) {
      next(error)
      return
    }
    answerError(error, owner(req), { req, res, context })
  })
}

/** What bots and users sent must not run here: no answer but the page's own files is a document of this origin. */
function neverADocument(_req: Request, res: Response, next: NextFunction): void {
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('content-security-policy', "default-src 'none'; sandbox")
  next()
}

function answerError(error: unknown, api: PlatformApi | undefined, { req, res, context }: Unserved): void {
  const status = statusOf(error)
  if (status >= 500)
    context.log(`emulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  if (api) refuseUnserved(api, status === 413 ? 'too_large' : 'server_error', { context, req, res })
  else writeAnswer(res, { status, body: { error: error instanceof Error ? error.message : 'failed' } })
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return typeof status === 'number' ? status : 500
}
