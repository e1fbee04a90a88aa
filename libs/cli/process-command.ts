import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'

/**
 * `hookline ingress`, `hookline worker` and `hookline console`: the process itself, in this one, so that signals, output and exit code
 * are those of `node dist/apps/…/main.js`.
 */
export function processCommand(name: 'ingress' | 'worker' | 'console', does: string): Command {
  return new Command(name)
    .description(`the ${name} process: ${does}; settings from the environment`)
    .action(() => {
      // A main file starts its process as soon as it is loaded.
      void import(pathToFileURL(resolve(__dirname, `../../apps/${name}/main.js`)).href)
    })
}
