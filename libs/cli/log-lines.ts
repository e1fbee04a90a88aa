import { styleText } from 'node:util'
import { prettyFactory } from 'pino-pretty'

const colours = {
  redis: 'gray',
  emulator: 'magenta',
  ingress: 'cyan',
  worker: 'green',
  hookline: 'bold',
} as const
export type Source = keyof typeof colours

export interface LinePrinter {
  /** Prints one line of a process: JSON log lines made readable, all else as it is. */
  (source: Source, line: string): void
}

export function createLinePrinter(out: NodeJS.WritableStream & { isTTY?: boolean }): LinePrinter {
  const colorize = out.isTTY === true
  const pretty = prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss',
  })
  return (source, line) => {
    const label = source.padEnd(8)
    const text = line.startsWith('{') ? pretty(line).trimEnd() : line
    out.write(`${colorize ? styleText(colours[source], label) : label} ${text}\n`)
  }
}
