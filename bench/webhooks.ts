import { signLine } from '#libs/platforms'

/** One text message of a user to a LINE bot. */
export interface TextWebhook {
  /** Makes ids that no other webhook has: a whole number below 10^10. */
  number: number
  /** The conversation: a whole number below 10^10. */
  user: number
  text: string
  /** When it was said: Unix milliseconds. */
  at: number
}

const digits = (number: number, length: number) => String(number).padStart(length, '0')

/** The bytes as LINE sends them, about 500 of them. Equally long for texts that are equally long. */
export function bodyOf({ number, user, text, at }: TextWebhook): Buffer {
  const event = {
    type: 'message',
    message: {
      type: 'text',
      id: digits(number, 18),
      quoteToken: `q3Plxr4AgKd${digits(number, 40)}`,
      text,
    },
    webhookEventId: `01HK${digits(number, 22)}`,
    deliveryContext: { isRedelivery: false },
    timestamp: at,
    source: { type: 'user', userId: userId(user) },
    replyToken: digits(number, 32),
    mode: 'active',
  }
  return Buffer.from(JSON.stringify({ destination: `U${digits(7, 32)}`, events: [event] }))
}

export function userId(user: number): string {
  return `U${digits(user, 32)}`
}

/** What ends an HTTP header. */
const headEnd = '\r\n\r\n'

/** A whole HTTP request to the webhook path of the bot `line`, honestly signed. */
export function requestOf(body: Buffer, secret: string): Buffer {
  const head = [
    'POST /webhooks/line HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json; charset=utf-8',
    'user-agent: LineBotWebhook/2.0',
    `x-line-signature: ${signLine(body, secret)}`,
    `content-length: ${body.length}`,
  ].join('\r\n')
  return Buffer.concat([Buffer.from(head + headEnd), body])
}

/** The parts of such a request again. */
export function partsOf(request: Buffer): { path: string; headers: Record<string, string>; body: Buffer } {
  const end = request.indexOf(headEnd)
  const [first = '', ...lines] = request.toString('latin1', 0, end).split('\r\n')
  const headers = lines.map((line) => line.split(': ', 2))
  return {
    path: first.split(' ')[1] ?? '/',
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: request.subarray(end + headEnd.length),
  }
}
