import { createTransport } from 'nodemailer'
import { HooklineError } from '#libs/contract'
import type { Channel } from './channels'

export interface EmailOptions {
  to: string
  from: string
  /** smtp: or smtps:, with user and password. */
  url: string
  timeoutMs: number
}

/** Sends by SMTP; one connection per message, since messages are rare. */
export function createEmailChannel({ to, from, url, timeoutMs }: EmailOptions): Channel {
  const { host } = new URL(url)
  const transport = createTransport({
    ...smtpOptions(url),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    kind: 'email',
    send: async ({ id, subject, text }) => {
      const messageId = `<${id}@hookline>`
      try {
        await transport.sendMail({ from, to, subject, text, messageId })
      } catch (error) {
        throw new HooklineError('api_unavailable', `The mail server ${host} did not take it${codeOf(error)}.`)
      }
    },
    close: () => {
      transport.close()
      return Promise.resolve()
    },
  }
}

function smtpOptions(text: string) {
  const url = new URL(text)
  const secure = url.protocol === 'smtps:'
  const auth = {
    user: decodeURIComponent(url.username),
    pass: decodeURIComponent(url.password),
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ...(auth.user === '' ? {} : { auth }),
  }
}

/** nodemailer's word and the server's number; what a server says may repeat what it was given. */
function codeOf(error: unknown): string {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  const parts = [code, responseCode].filter((part) => typeof part === 'string' || typeof part === 'number')
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
