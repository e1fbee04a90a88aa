#!/usr/bin/env node
import { Argument, Command } from 'commander'
import type { PlatformName } from '#libs/contract'
import { failStart } from '#libs/process'
import { chat } from './chat'
import { deadLettersCommand } from './dead-letters-command'
import { dev } from './dev'
import { emulator } from './emulator'
import { sendCommand } from './send-command'
import { verify } from './verify'

const platforms = ['line', 'lineworks', 'tocaro'] as const
const { env } = process
const cwd = process.cwd()

const program = new Command('hookline')
  .description('Queue-backed webhook gateway and bot runtime for LINE WORKS, LINE and Tocaro')
  .showHelpAfterError()

program
  .command('dev')
  .description('Redis, emulator, ingress and worker in one terminal; Ctrl-C ends all of it')
  .action(() => exitWith(dev({ env, cwd, out: process.stdout })))

program
  .command('emulator')
  .description('stand-ins for the three platforms alone, with accounts from the environment')
  .action(() => emulator({ env, cwd, print: (line) => console.log(line) }).catch(failStart))

program
  .command('chat')
  .description('type as a user and see the bot answer, through the whole way')
  .addArgument(new Argument('[platform]', 'one platform; all three at once when left out').choices(platforms))
  .action((platform: PlatformName | undefined) =>
    exitWith(
      chat({
        platforms: platform ? [platform] : [...platforms],
        env,
        cwd,
        input: process.stdin,
        out: process.stdout,
      }),
    ),
  )

program
  .command('verify')
  .description('checks an endpoint from outside, as the platform would')
  .command('tocaro')
  .description('Tocaro’s handshake against any URL, and that a wrong token is refused')
  .requiredOption('--url <url>', 'the URL that is (to be) registered')
  .requiredOption('--secret <secret>', 'the Signing Secret')
  .action(({ url, secret }: { url: string; secret: string }) =>
    exitWith(verify({ url, secret, out: process.stdout })),
  )

program.addCommand(sendCommand({ env, out: process.stdout, exitWith }))
program.addCommand(deadLettersCommand({ env, cwd, input: process.stdin, out: process.stdout, exitWith }))

/** Exits with the command's code; a failure in plain words where it is an expected one. */
function exitWith(command: Promise<number>): void {
  command.then((code) => process.exit(code), failStart)
}

program.parse()
