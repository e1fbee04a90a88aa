#!/usr/bin/env node
import { failStart } from '#libs/process'
import { createProgram } from './program'

const { env, argv } = process
// Said anywhere on the command line, it holds for what is printed before the options are read, too.
if (argv.includes('--no-color')) env['NO_COLOR'] = '1'

/** Exits with the command's code; a failure in plain words where it is an expected one. */
function exitWith(command: Promise<number>): void {
  command.then((code) => process.exit(code), failStart)
}

const terminal = { env, cwd: process.cwd(), input: process.stdin, out: process.stdout, err: process.stderr }
const program = createProgram({ ...terminal, exitWith })
// Commander would call it an error; who asks for nothing wants to know what there is.
if (argv.slice(2).every((arg) => arg === '--no-color')) program.help()
program.parse()
