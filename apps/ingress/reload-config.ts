import { HooklineError } from '#libs/contract'
import { type IngressConfig, compareConfigs } from '#libs/config'
import type { Logger } from '#libs/observability'
import type { Ingress } from './server'

export interface ReloadDeps {
  /** Reads the configuration; throws when anything in it is wrong. */
  load: () => IngressConfig
  ingress: Pick<Ingress, 'useBots' | 'useApiKeys' | 'waiting'>
  log: Logger
}

/**
 * Reads the configuration again and swaps the bots, all or none: what is wrong anywhere in it leaves the old one
 * in use. Between two webhooks; nothing else can happen meanwhile.
 */
export function createReload(first: IngressConfig, { load, ingress, log }: ReloadDeps): () => void {
  let current = first
  return () => {
    let next: IngressConfig
    try {
      next = load()
      refuseOtherSource(current, next)
      ingress.useBots(next.bots)
      ingress.useApiKeys(next.apiKeys ?? [])
    } catch (error) {
      const problems = error instanceof HooklineError ? error.message : String(error)
      return log.error({ problems }, 'the config was not read again: the one before stays in use')
    }
    const { settings: changed, ...bots } = compareConfigs<'ingress'>(current, next)
    const settings = changed.filter((name) => name !== applied)
    current = withNew(current, next)
    for (const warning of next.warnings) log.warn(warning)
    log.info(
      {
        source: next.source,
        ...bots,
        api_keys_changed: changed.includes(applied),
        bots: next.bots.map(({ name }) => name),
      },
      'config was read again',
    )
    if (settings.length > 0) log.warn({ settings }, 'these settings changed too: restart to apply')
    for (const bot of bots.removed) void sayWhatWaits(bot, { ingress, log })
  }
}

/** The one setting of the process itself that is used at once. */
const applied = 'HOOKLINE_API_KEY'

function withNew(current: IngressConfig, { bots, source, apiKeys }: IngressConfig): IngressConfig {
  const next = { ...current, bots, source }
  if (apiKeys === undefined) delete next.apiKeys
  else next.apiKeys = apiKeys
  return next
}

/** Where bots may come from beside a config file. */
const notFiles = ['environment', 'example accounts']

/** A file that is gone for a moment must not make way for whatever the environment holds. */
function refuseOtherSource({ source }: IngressConfig, next: IngressConfig): void {
  if (notFiles.includes(source) || source === next.source) return
  throw new HooklineError(
    'config_invalid',
    `The config file ${source} is gone; the bots would come from the ${next.source}. Put it back, or restart the ingress to do without it.`,
  )
}

async function sayWhatWaits(
  bot: string,
  { ingress, log }: Pick<ReloadDeps, 'ingress' | 'log'>,
): Promise<void> {
  const conversations = await ingress.waiting(bot).catch(() => 'unknown: Redis did not answer')
  log.warn(
    { bot, conversations },
    'bot removed: its webhooks get 401 from now on. Conversations with waiting events stay in Redis until a worker knows the bot',
  )
}
