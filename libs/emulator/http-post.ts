import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export interface PostRequest {
  url: string
  /** Names go out spelled as given. */
  headers: Record<string, string>
  body: Buffer
  timeoutMs: number
}

/** LINE's words for what became of a webhook [doc D/check-webhook-error-statistics]. */
export interface PostResult {
  outcome: 'answered' | 'request_timeout' | 'could_not_connect' | 'unclassified'
  /** 0 when no answer came. */
  status: number
  headers: IncomingMessage['headers']
  /** At most 64 KiB of it. */
  body: string
  /** Why no answer came: Node's code. */
  code?: string
  ms: number
}

export interface HttpPoster {
  /** One POST, no redirects followed. Never throws. */
  post(request: PostRequest): Promise<PostResult>
  close(): void
}

const bodyLimit = 64 * 1024
/** The connection was there and ended before the answer; any other error is one of connecting. */
const brokenOff = new Set<string | undefined>(['ECONNRESET', 'EPIPE'])

export function createHttpPoster(): HttpPoster {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }
  return {
    post: async (request) => {
      const started = performance.now()
      const result = await exchange(request, agents)
      return { ...result, ms: Math.round(performance.now() - started) }
    },
    close: () => {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

type Exchange = Omit<PostResult, 'ms'>

function exchange(request: PostRequest, agents: { http: HttpAgent; https: HttpsAgent }): Promise<Exchange> {
  return new Promise((resolve) => {
    const fail = (outcome: Exchange['outcome'], code?: string) =>
      resolve({ outcome, status: 0, headers: {}, body: '', ...(code === undefined ? {} : { code }) })
    if (!/^https?:\/\//.test(request.url) || !URL.canParse(request.url)) {
      fail('could_not_connect')
      return
    }
    const secure = request.url.startsWith('https:')
    const options = {
      method: 'POST',
      agent: secure ? agents.https : agents.http,
      headers: { ...request.headers, 'Content-Length': String(request.body.length) },
    }
    const outgoing = (secure ? httpsRequest : httpRequest)(request.url, options, (response) => {
      collect(response, (answer) => {
        clearTimeout(deadline)
        resolve(answer)
      })
    })
    const deadline = setTimeout(() => {
      fail('request_timeout')
      outgoing.destroy()
    }, request.timeoutMs)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline)
      fail(brokenOff.has(error.code) ? 'unclassified' : 'could_not_connect', error.code)
    })
    outgoing.end(request.body)
  })
}

/** Reads the answer; one that breaks off counts as none. */
function collect(response: IncomingMessage, done: (answer: Exchange) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    if (size < bodyLimit) chunks.push(chunk)
    size += chunk.length
  })
  response.on('error', () => done({ outcome: 'unclassified', status: 0, headers: {}, body: '' }))
  response.on('end', () => {
    const body = Buffer.concat(chunks).subarray(0, bodyLimit).toString('utf8')
    done({ outcome: 'answered', status: response.statusCode ?? 0, headers: response.headers, body })
  })
}
