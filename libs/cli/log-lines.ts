import { prettyFactory } from 'pino-pretty'
import { hasColours, painter } from './terminal'

const colours = {
  redis: 'gray',
  emulator: 'magenta',
  ingress: 'cyan',
  worker: 'green',
  console: 'blue',
  hookline: 'bold',
} as const
export type Source = keyof typeof colours

export interface LinePrinter {
  /** Prints one line of a process: JSON log lines made readable, all else as it is. */
  (source: Source, line: string): void
}

export function createLinePrinter(out: NodeJS.WriteStream, env: NodeJS.ProcessEnv): LinePrinter {
  const paint = painter(out, env)
  const pretty = prettyFactory({
    colorize: hasColours(out, env),
    singleLine: true,
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss',
  })
  return (source, line) => {
    const label = source.padEnd(8)
    const text = line.startsWith('{') ? pretty(line).trimEnd() : line
    out.write(`${paint(colours[source], label)} ${text}\n`)
  }
}
