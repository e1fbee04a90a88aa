import type { AlertConfig } from '#libs/config'
import { HooklineError } from '#libs/contract'
import { type Http, createHttp } from '#libs/http'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
import type { ChannelKind } from './book'
import { createEmailChannel } from './email'
import type { Letter } from './message'
import { createRoomChannel } from './room'

/** A way to tell people. */
export interface Channel {
  kind: ChannelKind
  /** Rejects with a `HooklineError` whose words hold no secret. */
  send(letter: Letter): Promise<void>
  close(): Promise<void>
}

export const channelKinds: ChannelKind[] = ['webhook', 'slack', 'email', 'room']

const timeoutMs = 10_000

/** The channels that are set. @throws HooklineError `config_invalid` where e-mail is set by halves */
export function createChannels(settings: AlertConfig, redis: RedisClient, log: Logger): Channel[] {
  const http = createHttp({ timeoutMs })
  const { alertWebhookUrl, alertSlackUrl, alertRoom } = settings
  return [
    ...(alertWebhookUrl === undefined ? [] : [webhook(http, alertWebhookUrl)]),
    ...(alertSlackUrl === undefined ? [] : [slack(http, alertSlackUrl)]),
    ...email(settings),
    ...(alertRoom === undefined ? [] : [createRoomChannel(alertRoom, redis, log)]),
  ]
}

const nothing = () => Promise.resolve()

function webhook(http: Http, url: string): Channel {
  return { kind: 'webhook', send: ({ body }) => post(http, url, body), close: nothing }
}

/** Slack reads `&`, `<` and `>` as its own marks. */
const forSlack = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function slack(http: Http, url: string): Channel {
  return { kind: 'slack', send: ({ text }) => post(http, url, { text: forSlack(text) }), close: nothing }
}

/** The URL may be a secret: errors name its host only, and nothing of the answer but its status. */
async function post(http: Http, url: string, body: object): Promise<void> {
  const { status } = await http({ method: 'POST', url, body })
  if (status >= 200 && status < 300) return
  throw new HooklineError('api_rejected', `${new URL(url).host} answered ${status}.`)
}

function email({ alertEmailTo, alertEmailFrom, alertSmtpUrl }: AlertConfig): Channel[] {
  if (alertEmailTo === undefined) return []
  if (alertEmailFrom === undefined || alertSmtpUrl === undefined) {
    const missing = alertSmtpUrl === undefined ? 'ALERT_SMTP_URL' : 'ALERT_EMAIL_FROM'
    const words = `ALERT_EMAIL_TO is set, but ${missing} is not. Set it, or remove ALERT_EMAIL_TO.`
    throw new HooklineError('config_invalid', words)
  }
  return [createEmailChannel({ to: alertEmailTo, from: alertEmailFrom, url: alertSmtpUrl, timeoutMs })]
}
