import pino, { type DestinationStream, type Logger } from 'pino'

export type { Logger }

export interface LoggerOptions {
  /** Name of the process: `ingress`, `worker`. */
  name: string
  level: string
  destination?: DestinationStream
}

/** Keys whose values never reach a log line, wherever in the object they stand (two levels deep). */
const secretKeys = [
  'authorization',
  'token',
  'accessToken',
  'access_token',
  'replyToken',
  'channelSecret',
  'channelAccessToken',
  'botSecret',
  'clientSecret',
  'privateKey',
  'assertionKey',
  'signingSecret',
  'webhookUrl',
]

/** JSON lines on standard output, with ISO times and snake_case fields given by the caller. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
  }
  return pino(options, destination ?? standardOutput())
}

/**
 * The same log without looking for secrets, for lines whose fields are all known: to look takes some 0.1 ms a line, as
 * much as all else that is done for an item.
 */
export function knownFields(log: Logger): Logger {
  return log.child({}, { redact: [] })
}

const ignore = () => undefined

const warning = 40

/**
 * Lines of one turn of the event loop are written together: a write takes longer than a line. A warning is written as it
 * comes, with those before it, and at the end of the process nothing is left. Not pino's own writer: when nobody
 * reads standard output any more, that one never ends its flush at exit and keeps the process for ever.
 */
function standardOutput(): DestinationStream {
  return (output ??= openOutput())
}

/** One for all loggers of the process, so that their lines stay in order. */
let output: DestinationStream | undefined

function openOutput(): DestinationStream {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore)
  let lines = ''
  const flush = () => {
    const text = lines
    lines = ''
    if (text) process.stdout.write(text)
  }
  process.once('exit', flush)
  const stream = {
    // pino notes the level of each line on a stream that asks for it.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write: (line: string) => {
      if (!lines) setImmediate(flush)
      lines += line
      if (stream.lastLevel >= warning) flush()
    },
  }
  return stream
}
