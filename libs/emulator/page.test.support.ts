import type { Event } from '#libs/contract'
import { createWebhook, type WebhookSettings } from '#libs/platforms'
import type { Received, Setup } from './emulator.test.support'
import type { Acted } from './page-act'
import type { Act, Deed, PageEvent } from './page-types'

/** The three bots as an ingress has them. */
const bots: Record<string, WebhookSettings> = {
  line: { platform: 'line', name: 'line', channelSecret: ['line-secret'] },
  lineworks: { platform: 'lineworks', name: 'lineworks', botId: '2000001', botSecret: ['works-secret'] },
  tocaro: {
    platform: 'tocaro',
    name: 'tocaro',
    signingSecret: ['tocaro-secret'],
    botUser: ['usbot'],
  },
}

/** What an ingress makes of a request: verified and read by the code that it runs. */
export function eventsIn({ path, headers, text }: Received): Event[] {
  const settings = bots[path.split('/')[2] ?? '']
  if (!settings) return []
  const received = createWebhook(settings).receive({ headers, body: Buffer.from(text), receivedAt: 0 })
  if (received.kind === 'refused') throw new Error(`${path} was refused: ${received.reason}`)
  return received.kind === 'events' ? received.events : []
}

/** Plays deeds over HTTP and reads the stream, as the page does. */
export function pageOf({ call, emulator, bot }: Setup) {
  const post = (path: string, body: unknown) => call('POST', `/__emulator/page${path}`, { body })
  const act = async (platform: Act['platform'], does: Deed, where: Partial<Act> = {}) => {
    const { status, text } = await post('/act', { platform, user: 'Taro', ...where, does })
    return { status, ...(JSON.parse(text) as Acted & { error?: string }) }
  }
  const get = async <T>(path: string) => JSON.parse((await call('GET', `/__emulator/page${path}`)).text) as T
  return {
    post,
    act,
    get,
    /** The events of all webhooks so far. */
    events: () => bot.received.flatMap(eventsIn),
    /** Opens the stream; `events` grows. */
    stream: async (after: number, headers: Record<string, string> = {}) => {
      const abort = new AbortController()
      const response = await fetch(`${emulator.url}/__emulator/page/stream?after=${after}`, {
        ...{ signal: abort.signal, headers },
      })
      const events: PageEvent[] = []
      void read(response, events).catch(() => undefined)
      return { events, close: () => abort.abort(), type: response.headers.get('content-type') }
    },
  }
}

async function read(response: Response, into: PageEvent[]): Promise<void> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1]
      if (data !== undefined) into.push(JSON.parse(data) as PageEvent)
    }
  }
}
