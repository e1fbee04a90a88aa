import { Command, Option } from 'commander'
import { HooklineError } from '#libs/contract'
import { diagnose, type DoctorOptions } from './doctor'
import { loadBotElsewhere } from './doctor-load-bot'
import { countOf, reportOf, reportLines } from './doctor-report'
import type { CommandDeps } from './program'
import { flushed, onUnread, painter, printableJson } from './terminal'

type DoctorDeps = Pick<CommandDeps, 'env' | 'cwd' | 'out' | 'err' | 'exitWith'>

type Flags = Pick<DoctorOptions, 'bot' | 'url' | 'ingress' | 'role'> & { json?: boolean }

/** `hookline doctor`: everything that goes wrong on the first day, each with its remedy. */
export function doctorCommand({ exitWith, ...around }: DoctorDeps): Command {
  return new Command('doctor')
    .description(
      'check settings, machine, Redis and each bot at its platform; says how to mend what is wrong',
    )
    .option('--bot <name>', 'only this bot')
    .option('--url <url>', 'public address of the ingress, e.g. https://bot.example.com')
    .option(
      '--ingress <url>',
      'where the ingress answers from here (default: this machine, then http://ingress:3000)',
    )
    .addOption(
      new Option('--role <role>', 'whose settings are here (found out in a container)').choices([
        'ingress',
        'worker',
        'both',
      ] as const),
    )
    .option('--json', 'one JSON object: healthy, counts, groups')
    .addHelpText(
      'after',
      '\nChanges nothing and sends nobody a message.\nExit code: 0 no problem, 1 problems, 2 could not run.',
    )
    .action((flags: Flags) => exitWith(run(flags, around)))
}

async function run(
  { json = false, ...flags }: Flags,
  { env, cwd, out, err }: Omit<DoctorDeps, 'exitWith'>,
): Promise<number> {
  onUnread(out, () => process.exit(0))
  try {
    const loadBot = (file: string) => loadBotElsewhere(file, { env, cwd })
    const groups = await diagnose({ ...flags, env, cwd, loadBot })
    const width = Math.max(50, Math.min(out.columns || 80, 100))
    const lines = json
      ? [printableJson(reportOf(groups))]
      : reportLines(groups, { paint: painter(out, env), width })
    out.write(`${lines.join('\n')}\n`)
    await flushed(out)
    return countOf(groups, 'problem') > 0 ? 1 : 0
  } catch (error) {
    const words = error instanceof HooklineError ? error.message : ((error as Error).stack ?? String(error))
    err.write(`${words}\n`)
    return 2
  }
}
