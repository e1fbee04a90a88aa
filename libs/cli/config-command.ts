import { Command, Option } from 'commander'
import { type ExplainedConfig, type ShownSetting, explainConfig } from '#libs/config'
import type { CommandDeps } from './program'
import { type Paint, flushed, onUnread, painter, printableJson } from './terminal'

const roles = ['ingress', 'worker'] as const
type ProcessRole = (typeof roles)[number]

interface Flags {
  role?: ProcessRole
  json?: boolean
}

/** `hookline config check|print`. */
export function configCommand(deps: CommandDeps): Command {
  const config = new Command('config').description('the settings as ingress and worker would read them')
  withFlags(config.command('check'))
    .description('all problems at once, with file and line or variable; nothing is started')
    .addHelpText('after', '\nExit code: 0 a start would succeed (warnings or not), 1 it would not.')
    .action((flags: Flags) => deps.exitWith(run(flags, deps, { print: false })))
  withFlags(config.command('print'))
    .description('what is in effect, and where it comes from; secrets as "set"')
    .action((flags: Flags) => deps.exitWith(run(flags, deps, { print: true })))
  return config
}

function withFlags(command: Command): Command {
  return command
    .addOption(new Option('--role <role>', 'of this process only').choices(roles))
    .option('--json', 'one JSON object per process')
}

async function run({ role, json }: Flags, deps: CommandDeps, { print }: { print: boolean }): Promise<number> {
  const { env, cwd, out } = deps
  onUnread(out, () => process.exit(0))
  const paint = painter(out, env)
  const configs = (role ? [role] : roles).map((each) => explainConfig({ role: each, env, cwd }))
  for (const config of configs) {
    const lines = json
      ? [printableJson(jsonOf(config, print))]
      : [...(print ? printed(config, paint) : []), ...checked(config, paint)]
    for (const line of lines) out.write(`${line}\n`)
  }
  await flushed(out)
  return configs.some(({ problems }) => problems.length > 0) ? 1 : 0
}

function jsonOf(config: ExplainedConfig, print: boolean): object {
  const { role, source, problems, warnings } = config
  const ok = problems.length === 0
  return print
    ? { ok, ...config }
    : { ok, role, source, bots: config.bots.map(({ name }) => name), problems, warnings }
}

function checked({ role, source, bots, problems, warnings }: ExplainedConfig, paint: Paint): string[] {
  const names = bots.map(({ name }) => name).join(', ')
  const words = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return [
    problems.length === 0
      ? `${paint('green', '✓')} ${role}: would start, with ${names} (from ${source})`
      : `${paint('red', '✗')} ${role}: ${words} (settings from ${source})`,
    ...problems.map(({ place, what, fix }) => `  - ${place} ${what}. ${fix}${/[.?!]$/.test(fix) ? '' : '.'}`),
    ...warnings.map((warning) => `  ${paint('yellow', '!')} ${warning}`),
  ]
}

function printed({ role, settings, bots }: ExplainedConfig, paint: Paint): string[] {
  return [
    paint('bold', `# ${role}`),
    ...settings.map((setting) => settingLine(setting, paint)),
    ...bots.flatMap(({ name, platform, settings: own }) => [
      paint('bold', `# ${role}, bot ${name} (${platform})`),
      ...own.map((setting) => settingLine(setting, paint)),
    ]),
  ]
}

function settingLine({ name, value, secret, origin }: ShownSetting, paint: Paint): string {
  if (value === undefined) return paint('gray', `${name} unset`)
  const text = secret && value === 'set' ? 'set' : JSON.stringify(value)
  return `${name} = ${text}  ${paint('gray', `(${origin === name ? 'environment' : origin})`)}`
}
