import { Argument, Command, Option } from 'commander'
import type { PlatformName } from '#libs/contract'
import { version } from '#libs/observability'
import { failStart } from '#libs/process'
import { chat } from './chat'
import { configCommand } from './config-command'
import { consoleCommand } from './console-command'
import { deadLettersCommand } from './dead-letters-command'
import { dev } from './dev'
import { doctorCommand } from './doctor-command'
import { emulator } from './emulator'
import { eraseCommand } from './erase-command'
import { initCommand } from './init-command'
import { menuCommand } from './menu-command'
import { stopCommands } from './pause'
import { processCommand } from './process-command'
import { scenarioCommand } from './scenario-command'
import { sendCommand } from './send-command'
import { statusCommand } from './status-command'
import { tailCommand } from './tail'
import { type Terminal, hasColours } from './terminal'
import { verify } from './verify'

export const platforms = ['line', 'lineworks', 'tocaro'] as const

/** What the commands are given. */
export interface CommandDeps extends Terminal {
  err: NodeJS.WriteStream
  /** Ends the process with the command's code. */
  exitWith: (command: Promise<number>) => void
}

const exitCodes = `
Exit codes:
  0  done, and all is well
  1  an error, or a check found a problem; wrong arguments too
  2  nothing was done: no confirmation, or nothing matched; more in the help of
     doctor and send
What a command prints goes to stdout, errors to stderr in words. With --json
stdout has one JSON object, or one per line. Everything: docs/cli.md`

/** The `hookline` command with all its commands. */
export function createProgram(deps: CommandDeps): Command {
  const program = new Command('hookline')
    .description('Queue-backed webhook gateway and bot runtime for LINE WORKS, LINE and Tocaro')
    .version(version(), '-V, --version', 'print the version')
    .option('--no-color', 'no colours (as NO_COLOR=1; a pipe gets none anyway)')
    .helpOption('-h, --help', 'print the help of hookline or of a command')
    .helpCommand('help [command]', 'the same as --help')
    .showHelpAfterError('(hookline help COMMAND says more)')
    .configureOutput({
      getOutHasColors: () => hasColours(process.stdout, deps.env),
      getErrHasColors: () => hasColours(process.stderr, deps.env),
    })
    // With "[options]" at each, the descriptions would not fit beside them in 80 columns.
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText('after', exitCodes)
  const doctor = doctorCommand(deps)
  for (const command of commands(deps, doctor)) program.addCommand(command)
  // Each inherits how errors are shown; addCommand does not do that by itself.
  inherit(program)
  // Here, as inheriting takes it away. 1 says that doctor found a fault of the set-up; a wrong option is none.
  doctor.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  return program
}

function termOf(command: Command): string {
  const names = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
  )
  return [command.name(), ...names].join(' ')
}

function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inherit(child)
  }
}

/** In the order in which they are needed: a first bot, its settings, its processes, what it says, its operation. */
function commands(deps: CommandDeps, doctor: Command): Command[] {
  return [
    initCommand(deps),
    devCommand(deps),
    chatCommand(deps),
    emulatorCommand(deps),
    scenarioCommand(deps),
    configCommand(deps),
    doctor,
    verifyCommand(deps),
    processCommand('ingress', 'receives webhooks and stores their events'),
    processCommand('worker', 'runs the bots and sends what they say'),
    consoleCommand(deps),
    sendCommand(deps),
    menuCommand(deps),
    statusCommand(deps),
    tailCommand(deps),
    ...stopCommands(deps),
    deadLettersCommand(deps),
    eraseCommand(deps),
  ]
}

function devCommand(deps: CommandDeps): Command {
  return new Command('dev')
    .description('Redis, emulator, ingress, worker and console in one terminal; Ctrl-C ends them')
    .option('--bot <file>', 'the bot file (default: HOOKLINE_BOT, else bots/echo.ts)')
    .option('--no-watch', 'do not start the worker again when the bot’s files change')
    .option('--json', 'when ready, one JSON object with the URLs; log lines go to stderr')
    .action((options: { bot?: string; watch: boolean; json?: boolean }) => {
      deps.exitWith(dev({ ...deps, ...options }))
    })
}

function chatCommand(deps: CommandDeps): Command {
  return new Command('chat')
    .description('type as a user and see the bot answer, through the whole way')
    .addArgument(new Argument('[platform]', 'one platform; all three when left out').choices(platforms))
    .option('--bot <file>', 'the bot file, where chat starts everything itself (default as of dev)')
    .option('--json', 'one JSON object per message of the bot')
    .action((platform: PlatformName | undefined, { bot, json }: { bot?: string; json?: boolean }) => {
      const env = bot === undefined ? deps.env : { ...deps.env, HOOKLINE_BOT: bot }
      const talksOn = platform ? [platform] : [...platforms]
      deps.exitWith(chat({ ...deps, env, platforms: talksOn, json: json === true }))
    })
}

function emulatorCommand({ env, cwd, out, err }: CommandDeps): Command {
  return new Command('emulator')
    .description('stand-ins for the three platforms, with accounts from the environment')
    .option('--json', 'when ready, one JSON object: url and settings; log lines go to stderr')
    .action(({ json }: { json?: boolean }) => {
      emulator({ env, cwd, err, json: json === true, print: (line) => out.write(`${line}\n`) }).catch(
        failStart,
      )
    })
}

function verifyCommand({ env, out, exitWith }: CommandDeps): Command {
  const command = new Command('verify').description('check an endpoint from outside, as the platform would')
  command
    .command('tocaro')
    .description('Tocaro’s handshake against any URL, and that a wrong token is refused')
    .requiredOption('--url <url>', 'the URL that is (to be) registered')
    .requiredOption('--secret <secret>', 'the Signing Secret')
    .addOption(new Option('--json', 'one JSON object: url, ok, checks'))
    .action(({ json, ...given }: { url: string; secret: string; json?: boolean }) => {
      exitWith(verify({ ...given, env, out, json: json === true }))
    })
  return command
}
