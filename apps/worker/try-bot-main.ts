import { loadBotFile } from './load-bot-file'

/**
 * Loads one bot file and tells the parent process what became of it, for `hookline doctor`: code of a bot may print,
 * keep timers or end its process. argv: the file.
 */
async function main(): Promise<void> {
  const [file = ''] = process.argv.slice(2)
  const bot = await loadBotFile(file, process.cwd())
  tell({ ok: true, ...(bot.platform === undefined ? {} : { platform: bot.platform }) })
}

function tell(result: object): void {
  process.send?.(result, () => process.exit(0))
}

main().catch((error: unknown) =>
  tell({ ok: false, message: error instanceof Error ? error.message : String(error) }),
)
