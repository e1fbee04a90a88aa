import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { HooklineError } from '#libs/contract'
import { type PageState, type Scenario, readScenario } from '#libs/emulator'
import type { CommandDeps } from './program'
import { printableJson } from './terminal'

interface PlayOptions {
  emulator?: string
  speed: number
  json?: boolean
}

/** `hookline scenario`: plays on an emulator what was recorded on its page. */
export function scenarioCommand(deps: CommandDeps): Command {
  const command = new Command('scenario').description(
    'plays a file of users’ deeds and faults on the emulator',
  )
  const file = () => new Argument('<file>', 'the scenario, as the emulator’s page saves it')
  command
    .command('play')
    .description('plays it, and waits for its end')
    .addArgument(file())
    .option('--emulator <url>', 'the emulator (default: EMULATOR_URL, else the one on this machine)')
    .option('--speed <factor>', '2 is twice as fast', factor, 1)
    .option('--json', 'one JSON object: name, steps, failed')
    .action((path: string, options: PlayOptions) => deps.exitWith(play(deps, path, options)))
  command
    .command('check')
    .description('says what is wrong with it, without playing it')
    .addArgument(file())
    .option('--json', 'one JSON object: name, steps, ms')
    .action((path: string, { json }: { json?: boolean }) => deps.exitWith(check(deps, path, json === true)))
  return command
}

function factor(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= 100) return value
  throw new InvalidArgumentError('It is a number between 0.1 and 100.')
}

async function check({ out }: CommandDeps, path: string, json: boolean): Promise<number> {
  const { name, steps } = readFile(path)
  const ms = steps.reduce((sum, { afterMs }) => sum + afterMs, 0)
  const described = { name, steps: steps.length, ms }
  out.write(json ? `${printableJson(described)}\n` : `${name}: ${steps.length} steps in ${ms / 1000} s\n`)
  return 0
}

async function play({ env, out }: CommandDeps, path: string, options: PlayOptions): Promise<number> {
  const scenario = readFile(path)
  const { name, steps } = scenario
  const given = options.emulator ?? env['EMULATOR_URL']
  const local = `http://${env['HOST'] ?? '127.0.0.1'}:${env['EMULATOR_PORT'] ?? '3002'}`
  const page = `${(given || local).replace(/\/+$/, '')}/__emulator/page`
  await answered(`${page}/scenario/play?speed=${options.speed}`, scenario)
  const failed = await untilPlayed(page)
  if (options.json) out.write(`${printableJson({ name, steps: steps.length, failed })}\n`)
  else {
    out.write(`${name}: ${steps.length} steps played\n`)
    for (const words of failed) out.write(`  failed: ${words}\n`)
  }
  return failed.length === 0 ? 0 : 1
}

function readFile(path: string): Scenario {
  try {
    return readScenario(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (error instanceof HooklineError) throw new HooklineError(error.code, `${path}: ${error.message}`)
    const why = error instanceof Error ? error.message : String(error)
    throw new HooklineError('config_invalid', `${path} can't be read as a scenario: ${why}`)
  }
}

/** Asks until it is over. What went wrong is told at the end. */
async function untilPlayed(page: string): Promise<string[]> {
  for (;;) {
    const { scenario } = (await answered(`${page}/state`)) as PageState
    if (!scenario.playing) return scenario.failed ?? []
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function answered(url: string, body?: object): Promise<unknown> {
  const init = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {}
  const response = await fetch(url, init).catch((cause: unknown) => {
    const fix = 'Start one with `npx hookline dev`, or name it with --emulator.'
    throw new HooklineError('config_invalid', `There is no emulator at ${new URL(url).origin}. ${fix}`, {
      cause,
    })
  })
  const answer = (await response.json().catch(() => ({}))) as { error?: string }
  if (!response.ok)
    throw new HooklineError('config_invalid', `The emulator refused: ${answer.error ?? response.status}`)
  return answer
}
