import { Command, Option } from 'commander'
import { HooklineError } from '#libs/contract'
import { diagnose, type DoctorOptions } from './doctor'
import { loadBotElsewhere } from './doctor-load-bot'
import { countOf, reportJson, reportLines } from './doctor-report'

export interface DoctorCommand {
  env: NodeJS.ProcessEnv
  cwd: string
  out: NodeJS.WriteStream
  /** Ends the process with the command's code. */
  exitWith: (command: Promise<number>) => void
}

type Flags = Pick<DoctorOptions, 'bot' | 'url' | 'ingress' | 'role'> & { json?: boolean }

/** `hookline doctor`: everything that goes wrong on the first day, each with its remedy. */
export function doctorCommand({ exitWith, ...around }: DoctorCommand): Command {
  return (
    new Command('doctor')
      .description(
        'checks settings, machine, Redis, and each bot at its platform; says how to mend what is wrong',
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
      .option('--json', 'as one JSON object')
      .addHelpText(
        'after',
        '\nChanges nothing and sends nobody a message.\nExit code: 0 no problem, 1 problems, 2 could not run.',
      )
      // A wrong option is no fault of the set-up.
      .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
      .action((flags: Flags) => exitWith(run(flags, around)))
  )
}

async function run(
  { json = false, ...flags }: Flags,
  { env, cwd, out }: Omit<DoctorCommand, 'exitWith'>,
): Promise<number> {
  try {
    const loadBot = (file: string) => loadBotElsewhere(file, { env, cwd })
    const groups = await diagnose({ ...flags, env, cwd, loadBot })
    const width = Math.max(50, Math.min(out.columns || 80, 100))
    // NO_COLOR=1 is the usual way to have none in a terminal.
    const colour = out.isTTY && !env['NO_COLOR']
    await written(out, `${json ? reportJson(groups) : reportLines(groups, { colour, width }).join('\n')}\n`)
    return countOf(groups, 'problem') > 0 ? 1 : 0
  } catch (error) {
    const words = error instanceof HooklineError ? error.message : ((error as Error).stack ?? String(error))
    process.stderr.write(`${words}\n`)
    return 2
  }
}

/** The process ends right after, and a pipe may be slower than that. */
function written(out: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => out.write(text, () => resolve()))
}
