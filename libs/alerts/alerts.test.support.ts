import { once } from 'node:events'
import { type IncomingMessage, createServer } from 'node:http'
import { type AddressInfo, type Socket, createServer as createTcpServer } from 'node:net'
import type { AlertConfig } from '#libs/config'
import { loadConfig } from '#libs/config'
import type { BotOverview } from '#libs/vitals'

/** The settings as the console reads them. */
export function settingsOf(env: Record<string, string> = {}): AlertConfig {
  const readFile = () => {
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  return loadConfig({
    role: 'console',
    env: { REDIS_URL: 'redis://127.0.0.1', ...env },
    cwd: '/app',
    readFile,
  })
}

/** A bot with which all is well. */
export function botOverview(more: Partial<BotOverview> = {}): BotOverview {
  return {
    bot: 'shop',
    platform: 'line',
    state: 'works',
    eventsPerMinute: 0,
    waiting: { lanes: 0, items: 0, oldestAgeMs: 0 },
    sends: { sent: 0, failed: 0, limited: 0, maybe: 0 },
    limited: 0,
    budgets: [],
    breaker: { state: 'closed', heldForMs: 0 },
    deadLetters: 0,
    timers: 0,
    workers: 1,
    journaled: 0,
    ...more,
  }
}

export interface Receiver {
  url: string
  /** Bodies that were taken, in order. */
  taken: unknown[]
  /** What is answered from now on; 0: nothing, ever. */
  status: number
  close(): Promise<void>
}

/** A program that takes JSON posts. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      if (receiver.status === 0) return
      if (receiver.status < 300) receiver.taken.push(body)
      response.writeHead(receiver.status).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-PATH`,
    taken: [],
    status: 200,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return JSON.parse(text) as unknown
}

export interface MailServer {
  url: string
  mails: { from: string; to: string[]; text: string; user: string }[]
  close(): Promise<void>
}

/** Speaks as much SMTP as a sender needs (RFC 5321, AUTH PLAIN); refuses any other password. */
export async function startMailServer(password: string): Promise<MailServer> {
  const sockets = new Set<Socket>()
  const mails: MailServer['mails'] = []
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    talk(socket, password, mails)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `smtp://ops%40example.com:${password}@127.0.0.1:${port}`,
    mails,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function talk(socket: Socket, password: string, mails: MailServer['mails']): void {
  let rest = ''
  let data: string[] | undefined
  const mail = { from: '', to: [] as string[], text: '', user: '' }
  const say = (line: string) => socket.write(`${line}\r\n`)
  const heard = (line: string) => {
    if (data) {
      if (line !== '.') return data.push(line)
      mails.push({ ...mail, text: data.join('\n') })
      data = undefined
      return say('250 taken')
    }
    const [, verb = '', more = ''] = /^(\w+) ?(.*)$/.exec(line) ?? []
    if (verb === 'EHLO') return say('250-mail.example\r\n250 AUTH PLAIN')
    if (verb === 'AUTH') {
      const [, user = '', given] = Buffer.from(more.replace('PLAIN ', ''), 'base64').toString().split('\0')
      mail.user = user
      return say(given === password ? '235 welcome' : `535 wrong password ${given}`)
    }
    if (verb === 'MAIL') mail.from = /<(.*?)>/.exec(more)?.[1] ?? ''
    if (verb === 'RCPT') mail.to.push(/<(.*?)>/.exec(more)?.[1] ?? '')
    if (verb === 'DATA') {
      data = []
      return say('354 go on')
    }
    return say(verb === 'QUIT' ? '221 bye' : '250 fine')
  }
  say('220 mail.example ESMTP')
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString()).split('\r\n')
    rest = lines.pop() ?? ''
    lines.forEach(heard)
  })
}
