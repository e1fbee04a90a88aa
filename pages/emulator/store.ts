import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Act, ChatLine, ExchangeRow, PageEvent, PageState } from '../../libs/emulator/page-types'
import { applyEvent, type PageData } from './reduce'

const base = '/__emulator/page/'
const firstRetryMs = 500
const longestRetryMs = 8000

/** What every part of the page may ask for. */
export interface Page {
  state: PageState
  /** The latest 500, oldest first. */
  exchanges: ExchangeRow[]
  /** The stream is open: what is shown is what is. */
  connected: boolean
  /** The line whose way is shown; always its latest form. */
  selectedLine: ChatLine | undefined
  select: (line: ChatLine | undefined) => void
  /** `get('exchanges/7')`: path below /__emulator/page. Throws PageError with the server's words. */
  get: (path: string) => Promise<unknown>
  post: (path: string, body: unknown) => Promise<unknown>
  remove: (path: string, body: unknown) => Promise<unknown>
  /** A user does something; its line is in `state` when this answers. */
  act: (act: Act) => Promise<ChatLine | undefined>
}

export class PageError extends Error {
  constructor(
    message: string,
    /** 0: the emulator did not answer. */
    readonly status: number,
  ) {
    super(message)
  }
}

export const PageContext = createContext<Page | undefined>(undefined)

/** Of a component below the page, which is drawn once the state is there. */
export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page)
    throw new Error('usePage() is for components below PageContext: pages/emulator/main.tsx provides it')
  return page
}

/** Loads the state, follows the stream, and begins anew with a fresh state whenever the stream ends. `undefined`: not loaded yet. */
export function usePageStore(): { page: Page | undefined; connected: boolean } {
  const [data, setData] = useState<PageData>()
  const [connected, setConnected] = useState(false)
  const [selected, select] = useState<ChatLine>()
  useEffect(() => follow({ onData: setData, onConnected: setConnected }), [])
  if (!data) return { page: undefined, connected }

  const act = async (deed: Act) => {
    const { line } = (await request('POST', 'act', deed)) as { line?: ChatLine }
    if (line) setData((old) => old && applyEvent(old, { kind: 'line', line }))
    return line
  }
  const page: Page = {
    ...data,
    connected,
    selectedLine: selected && latest(data.state, selected),
    select,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    remove: (path, body) => request('DELETE', path, body),
    act,
  }
  return { page, connected }
}

function latest(state: PageState, line: ChatLine): ChatLine {
  const phone = state.platforms.find((each) => each.platform === line.platform)
  return phone?.lines.find((each) => each.id === line.id) ?? line
}

async function request(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(base + path.replace(/^\//, ''), {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new PageError(error instanceof Error ? error.message : String(error), 0)
  })
  const text = await response.text()
  if (!response.ok) throw new PageError(wordsOf(text) ?? `HTTP ${response.status}`, response.status)
  return text === '' ? undefined : JSON.parse(text)
}

function wordsOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}

interface Follower {
  onData: (change: (old: PageData | undefined) => PageData | undefined) => void
  onConnected: (connected: boolean) => void
}

/** Answers how to end it. */
function follow({ onData, onConnected }: Follower): () => void {
  let stream: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = firstRetryMs
  let ended = false

  // Not EventSource's own way of connecting again: after a restart of the emulator the old place in the stream means nothing.
  const again = () => {
    stream?.close()
    onConnected(false)
    if (!ended) timer = setTimeout(() => void begin(), retryMs)
    retryMs = Math.min(retryMs * 2, longestRetryMs)
  }
  const begin = async () => {
    try {
      const data = await load()
      if (ended) return
      onData(() => data)
      stream = new EventSource(`${base}stream?after=${data.state.seq}`)
    } catch {
      return again()
    }
    stream.onopen = () => {
      retryMs = firstRetryMs
      onConnected(true)
    }
    stream.onerror = again
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as PageEvent
      onData((old) => old && applyEvent(old, event))
    }
  }
  void begin()
  return () => {
    ended = true
    clearTimeout(timer)
    stream?.close()
  }
}

async function load(): Promise<PageData> {
  const state = (await request('GET', 'state')) as PageState
  const { exchanges } = (await request('GET', 'exchanges?after=0&limit=200')) as { exchanges: ExchangeRow[] }
  return { state, exchanges }
}
