import type { PageEvent } from './page-types'

/** What changes on the page, told to every page that is open. */
export interface PageStream {
  /** 1, 2, 3 …: of lines and exchanges alike. */
  nextSeq(): number
  /** The highest that was given out. */
  seq(): number
  publish(event: PageEvent): void
  /** The same, unless it says what the last of its kind said. */
  publishChanged: (event: PageEvent) => void
  /** Returns how to stop. */
  subscribe: (listener: (event: PageEvent) => void) => () => void
  /** Whether a page is open. */
  isWatched(): boolean
}

export function createPageStream(): PageStream {
  const listeners = new Set<(event: PageEvent) => void>()
  const last = new Map<PageEvent['kind'], string>()
  let seq = 0
  const publish = (event: PageEvent) => listeners.forEach((listener) => listener(event))
  return {
    nextSeq: () => ++seq,
    seq: () => seq,
    publish,
    publishChanged: (event) => {
      const text = JSON.stringify(event)
      if (last.get(event.kind) === text) return
      last.set(event.kind, text)
      publish(event)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    isWatched: () => listeners.size > 0,
  }
}
