import { dirname } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { createLineworksCalls } from '#libs/bot'
import { type WorkerBot, type WorkerConfig, loadConfig } from '#libs/config'
import { HooklineError } from '#libs/contract'
import { createHttp } from '#libs/http'
import { botPrefix } from '#libs/mailbox'
import {
  type Call,
  type Plan,
  apply,
  planLineMenus,
  planLineRemoval,
  planLineworksMenus,
  planLineworksRemoval,
  readLineMenus,
  readLineworksMenus,
} from '#libs/menus'
import { createSender } from '#libs/platforms'
import { connectOperator } from '#libs/redis'
import { createTokenSource } from '#libs/tokens'
import type { CommandDeps } from './program'
import { type Paint, flushed, onUnread, painter, printableJson } from './terminal'

interface Flags {
  bot?: string
  yes?: boolean
  json?: boolean
}

type Verb = 'plan' | 'apply' | 'remove'

const nothingDone = 2

/** `hookline menu plan|apply|remove`. */
export function menuCommand(deps: CommandDeps): Command {
  const menu = new Command('menu')
    .description('rich menus and persistent menus: what the menu file says, brought to the platform')
    .addHelpText(
      'after',
      '\nThe file is the setting `menu` of a bot (LINE_MENU, LINEWORKS_MENU).\nWhat stands in it: docs/guide/menus.md',
    )
  verb(menu, 'plan', 'show what apply would change; changes nothing', deps)
  verb(menu, 'apply', 'show what would change, ask, and do it', deps)
  verb(menu, 'remove', 'show what apply has made, ask, and take it away', deps)
  return menu
}

function verb(menu: Command, name: Verb, description: string, deps: CommandDeps): void {
  const command = menu
    .command(name)
    .description(description)
    .option('--bot <name>', 'of this bot only')
    .option('--json', 'one JSON object per bot: bot, steps, unchanged, foreign, applied')
    .action((flags: Flags) => deps.exitWith(run(name, flags, deps)))
  if (name === 'plan') return
  command
    .option('--yes', 'do it without asking')
    .addHelpText(
      'after',
      '\nExit code: 0 done or nothing to do, 1 an error, 2 nothing was done, as nobody\nconfirmed it.',
    )
}

async function run(name: Verb, flags: Flags, deps: CommandDeps): Promise<number> {
  const config = loadConfig({ role: 'worker', env: deps.env, cwd: deps.cwd })
  const bots = chosen(name, flags.bot, config)
  const redis = await connectOperator(config.redisUrl, config.redisCa)
  const folder = dirname(config.source)
  // What changes something goes on to its end.
  onUnread(deps.out, () => {
    if (name === 'plan') process.exit(0)
  })
  try {
    let code = 0
    for (const bot of bots) {
      const ways = waysOf(bot, redis)
      const plan = await planFor(name, bot, { ...ways, folder })
      code = Math.max(code, await carryOut({ name, flags, bot: bot.name, plan }, deps))
    }
    return code
  } finally {
    redis.disconnect()
    await flushed(deps.out)
  }
}

type MenuBot = Extract<WorkerBot, { platform: 'line' | 'lineworks' }>

/** Bots with a menu; `remove` also works where the setting is gone already. */
function chosen(name: Verb, wanted: string | undefined, { bots }: WorkerConfig): MenuBot[] {
  const able = bots.filter((bot): bot is MenuBot => bot.platform !== 'tocaro')
  if (wanted !== undefined) {
    const found = able.find((bot) => bot.name === wanted)
    if (!found) throw usage(`There is no LINE or LINE WORKS bot "${wanted}". There are: ${namesOf(able)}.`)
    if (name !== 'remove' && found.menu === undefined)
      throw usage(`Bot "${wanted}" has no menu. Give its setting \`menu\`: the path of a menu file.`)
    return [found]
  }
  const withMenu = able.filter(({ menu }) => menu !== undefined)
  if (withMenu.length > 0) return withMenu
  throw usage(
    `No bot has a menu. Give a bot the setting \`menu\`: the path of a menu file (bots: ${namesOf(able)}).`,
  )
}

function namesOf(bots: { name: string }[]): string {
  return bots.map(({ name }) => name).join(', ') || 'none'
}

function usage(message: string): HooklineError {
  return new HooklineError('config_invalid', message)
}

interface Ways {
  call: Call
  upload: (fileName: string, bytes: Buffer) => Promise<string>
}

function waysOf(bot: MenuBot, redis: Awaited<ReturnType<typeof connectOperator>>): Ways {
  const http = createHttp()
  const tokens = createTokenSource(bot, { http, redis, keyPrefix: botPrefix(bot.name) })
  const caller = createSender({ ...bot, http }, tokens)
  const call: Call = (request) => caller.request(request, { retryKey: '' })
  const { upload } = createLineworksCalls(call)
  return { call, upload: (fileName, bytes) => upload(fileName, bytes) }
}

async function planFor(
  name: Verb,
  bot: MenuBot,
  { folder, ...ways }: Ways & { folder: string },
): Promise<Plan> {
  const source = name === 'remove' ? undefined : bot.menu
  if (bot.platform === 'line')
    return source === undefined
      ? planLineRemoval(ways.call)
      : planLineMenus(ways.call, readLineMenus(source, folder))
  return source === undefined
    ? planLineworksRemoval(ways)
    : planLineworksMenus(ways, readLineworksMenus(source, folder))
}

interface Job {
  name: Verb
  flags: Flags
  bot: string
  plan: Plan
}

async function carryOut({ name, flags, bot, plan }: Job, deps: CommandDeps): Promise<number> {
  const print = (line: string) => void deps.out.write(`${line}\n`)
  const paint = painter(deps.out, deps.env)
  const does = name !== 'plan' && plan.steps.length > 0
  if (!flags.json) describe(bot, plan, paint).forEach(print)
  const goes = does && (flags.yes === true || (!flags.json && (await confirmed(deps))))
  if (goes)
    await apply(plan, ({ sign, what }) => {
      if (!flags.json) print(`  ${sign} ${what} …`)
    })
  if (flags.json) print(printableJson(jsonOf(bot, plan, goes)))
  else if (goes) print(paint('green', `${bot}: done.`))
  else if (does) print('Nothing was changed. Add --yes to do it.')
  return does && !goes ? nothingDone : 0
}

function describe(bot: string, { steps, unchanged, foreign }: Plan, paint: Paint): string[] {
  const colours = { '+': 'green', '~': 'yellow', '-': 'red' } as const
  return [
    `${paint('bold', bot)}: ${steps.length === 0 ? 'nothing to change.' : `${steps.length} change(s).`}`,
    ...steps.flatMap(({ sign, what, details }) => [
      paint(colours[sign], `  ${sign} ${what}`),
      ...details.map((detail) => `      ${detail}`),
    ]),
    ...unchanged.map((what) => `  = ${what}`),
    ...foreign.map((what) => `  ? ${what} was not made by this command and stays`),
  ]
}

function jsonOf(bot: string, { steps, unchanged, foreign }: Plan, applied: boolean): object {
  const shown = steps.map(({ sign, what, details }) => ({ sign, what, details }))
  return { bot, steps: shown, unchanged, foreign, applied }
}

async function confirmed({ input, out }: CommandDeps): Promise<boolean> {
  if (!input.isTTY) return false
  const lines = createInterface({ input, output: out })
  try {
    return /^y(es)?$/i.test((await lines.question('Do it? [y/N] ')).trim())
  } finally {
    lines.close()
  }
}
