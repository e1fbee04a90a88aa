import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Command } from 'commander'
import { hashPassword, replaceStoredPassword } from '#libs/access'
import { processCommand } from './process-command'
import type { CommandDeps } from './program'
import { printableJson } from './terminal'
import { withRedis } from './with-redis'

/** `hookline console`, and what belongs to its passwords. */
export function consoleCommand(deps: CommandDeps): Command {
  return processCommand('console', 'shows operators what happens')
    .addCommand(newPasswordCommand(deps))
    .addCommand(hashPasswordCommand(deps))
}

function newPasswordCommand(deps: CommandDeps): Command {
  return new Command('new-password')
    .description('generate the password of `operator` anew, where HOOKLINE_CONSOLE_PASSWORD is not set')
    .option('--json', 'one JSON object: user, password')
    .addHelpText('after', '\nWho is logged in as operator has to log in again. Only REDIS_URL is needed.')
    .action(({ json }: { json?: boolean }) => {
      deps.exitWith(
        withRedis(deps, async ({ redis, print }) => {
          const password = await replaceStoredPassword(redis)
          print(
            json ? printableJson({ user: 'operator', password }) : `operator's password is now: ${password}`,
          )
          return 0
        }),
      )
    })
}

function hashPasswordCommand({ input, out, err, exitWith }: CommandDeps): Command {
  return new Command('hash-password')
    .description('turn a password (asked for, or the first line of stdin) into a hash for the settings')
    .action(() => exitWith(hashOf({ input, out, err })))
}

/** The hash alone goes to stdout; 1 when there is no password. */
async function hashOf({ input, out, err }: Pick<CommandDeps, 'input' | 'out' | 'err'>): Promise<number> {
  if (input.isTTY) err.write('Password (not shown): ')
  const password = await firstLine(input)
  if (input.isTTY) err.write('\n')
  if (password === '') {
    err.write('There is no password. Type one, or give it as the first line of stdin.\n')
    return 1
  }
  out.write(`${await hashPassword(password)}\n`)
  return 0
}

/** Typed on a terminal it is not shown: what would be echoed goes nowhere. */
async function firstLine(input: NodeJS.ReadStream): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: input.isTTY })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}
