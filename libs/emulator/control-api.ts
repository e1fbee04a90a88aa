import { Router, type NextFunction, type Request, type Response } from 'express'
import { z } from 'zod'
import { HooklineError, type PlatformName } from '#libs/contract'
import type { Accounts } from './accounts'
import type { EmulatorContext } from './context'
import type { Emulator } from './emulator'
import type { FaultRequest } from './faults'
import type { LedgerEntry } from './ledger'
import type { Platforms } from './platforms'

export interface ControlApiOptions {
  emulator: Omit<Emulator, 'url' | 'close'>
  accounts: Accounts
  context: EmulatorContext
  platforms: Platforms
}

const platform = z.enum(['line', 'lineworks', 'tocaro'])
const sayBody = z.strictObject({
  platform,
  text: z.string(),
  user: z.string().min(1).optional(),
  room: z.string().min(1).optional(),
})
const eventsBody = z.strictObject({
  platform,
  events: z.array(z.record(z.string(), z.unknown())),
  batch: z.boolean().optional(),
})
const registerBody = z.strictObject({ url: z.string().optional() })
const platformBody = z.strictObject({ platform })
const clearBody = z.strictObject({ id: z.string().optional() })

/** The emulator's own API, all of it our invention, below `/__emulator`. JSON in, JSON out. */
export function controlApi(options: ControlApiOptions): Router {
  const { emulator, context } = options
  const router = Router()
  router.use(refuseOtherThanJson)
  router.get('/', (_req, res) => void res.json(describe(options)))
  router.post('/say', async (req, res) => {
    res.json(await emulator.say(withoutUndefined(parsed(sayBody, req))))
  })
  router.post('/events', async (req, res) => {
    res.json({ deliveries: await emulator.sendEvent(withoutUndefined(parsed(eventsBody, req))) })
  })
  router.get('/ledger', async (req, res) => {
    const after = natural(req.query.after)
    res.json({ entries: await ledgerAfter(after, natural(req.query.wait), context) })
  })
  router.get('/faults', (_req, res) => void res.json({ faults: emulator.faults.list() }))
  router.post(
    '/faults',
    (req, res) => void res.status(201).json(emulator.faults.add(parsed(z.unknown(), req) as FaultRequest)),
  )
  router.delete('/faults', (req, res) => {
    emulator.faults.clear(parsed(clearBody, req).id)
    res.json({ faults: emulator.faults.list() })
  })
  router.patch('/settings', (req, res) => {
    // Checked by `configure` itself, which knows the knobs.
    res.json({ settings: emulator.configure(parsed(z.record(z.string(), z.unknown()), req)) })
  })
  router.post('/tocaro/register', async (req, res) => {
    const result = await emulator.registerTocaro(parsed(registerBody, req).url)
    res.status(result.registered ? 200 : 502).json(result)
  })
  router.post('/expire-tokens', (req, res) => {
    res.json({ expired: emulator.expireTokens(parsed(platformBody, req).platform) })
  })
  router.use(answerHooklineError)
  return router
}

/** Only a declared JSON body is read: another site's page can't send one without asking first. */
export function refuseOtherThanJson(req: Request, res: Response, next: NextFunction): void {
  const json = /^application\/json\b/i.test(req.get('content-type') ?? '')
  if (req.method === 'GET' || json) next()
  else res.status(415).json({ error: 'Send JSON with content-type application/json.' })
}

/** What this is and how it is set up, without secrets. */
function describe({ emulator, accounts, platforms }: ControlApiOptions): Record<string, unknown> {
  const { line, lineworks, tocaro } = accounts
  const minted = (name: PlatformName) => ({ tokensMinted: emulator.ledger.tokensMinted(name) })
  return {
    emulator: 'hookline',
    accounts: {
      ...(line
        ? { line: { ...pick(line, ['channelId', 'botUserId', 'webhookUrl']), ...minted('line') } }
        : {}),
      ...(lineworks
        ? {
            lineworks: {
              ...pick(lineworks, ['botId', 'domainId', 'serviceAccount', 'webhookUrl']),
              ...minted('lineworks'),
            },
          }
        : {}),
      ...(tocaro
        ? {
            tocaro: {
              ...pick(tocaro, ['botUser', 'webhookUrl']),
              endpoint: platforms.tocaro?.webhooks.state(),
            },
          }
        : {}),
    },
    settings: emulator.settings(),
    faults: emulator.faults.list(),
  }
}

function pick<T extends object, K extends keyof T>(from: T, names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>
}

/** New entries; when there are none yet, those that come within `waitMs`. */
async function ledgerAfter(seq: number, waitMs: number, context: EmulatorContext): Promise<LedgerEntry[]> {
  const { ledger } = context
  const longest = Math.min(waitMs, 60_000)
  if (ledger.after(seq).length === 0 && longest > 0) {
    await ledger.waitFor((entry) => entry.seq > seq, longest).catch(() => undefined)
  }
  return ledger.after(seq)
}

export function natural(value: unknown): number {
  if (value === undefined) return 0
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value)
  throw new HooklineError(
    'config_invalid',
    `${JSON.stringify(value)} is not a whole number. Use after=0&wait=1000.`,
  )
}

/** The body, no body counting as `{}`. */
export function parsed<T>(schema: z.ZodType<T>, req: Request): T {
  const result = schema.safeParse(json(req))
  if (result.success) return result.data
  throw new HooklineError('config_invalid', `The body is wrong:\n${z.prettifyError(result.error)}`)
}

function json(req: Request): unknown {
  const text = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : ''
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw new HooklineError('config_invalid', 'The body is not JSON.')
  }
}

type WithoutUndefined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Optional fields are absent, never undefined. */
function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as WithoutUndefined<T>
}

export function answerHooklineError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (error instanceof HooklineError) res.status(400).json({ error: error.message })
  else next(error)
}
