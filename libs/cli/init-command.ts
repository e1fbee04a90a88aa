import { Command, Option } from 'commander'
import type { PlatformName } from '#libs/contract'
import { createProject } from './init'
import { type CommandDeps, platforms } from './program'
import { painter, printableJson } from './terminal'

interface Flags {
  platform?: PlatformName[]
  hookline?: string
  json?: boolean
}

/** `hookline init`. */
export function initCommand({ env, cwd, out, exitWith }: CommandDeps): Command {
  return new Command('init')
    .description('make a bot project of your own: TypeScript, tests, Docker Compose file')
    .argument('<folder>', 'a new or an empty folder; its name is the name of the project')
    .addOption(
      new Option('--platform <platform...>', 'whose accounts it is for (default: all three)').choices(
        platforms,
      ),
    )
    .option('--hookline <spec>', 'what package.json depends on (default: the Hookline that runs this)')
    .option('--json', 'one JSON object: name, folder, files, hookline')
    .action((folder: string, { platform, hookline, json }: Flags) => {
      const wanted = platform ? platforms.filter((name) => platform.includes(name)) : [...platforms]
      exitWith(
        createProject({ folder, cwd, platforms: wanted, spec: hookline }).then((project) => {
          if (json) out.write(`${printableJson(project)}\n`)
          else out.write(nextSteps(folder, project.files.length, painter(out, env)))
          return 0
        }),
      )
    })
}

function nextSteps(folder: string, files: number, paint: ReturnType<typeof painter>): string {
  return [
    `Made a bot project in ${folder} (${files} files). Next:`,
    '',
    `  1. ${paint('bold', `cd ${folder}`)}`,
    `  2. ${paint('bold', 'npm start')}      everything in one terminal; no account needed. Ctrl-C ends it`,
    `  3. ${paint('bold', 'npm run chat')}   in another terminal: talk to the bot, change bot.ts, talk again`,
    '',
    'npm test checks it. README.md says how it goes live.',
    '',
  ].join('\n')
}
