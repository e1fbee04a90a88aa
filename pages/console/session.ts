import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Session } from '../../apps/console/api-types'
import { request } from './api'

export interface Desk {
  session: Session
  /** An operator, and the console is not read-only. */
  mayAct: boolean
  /** POST below `/api`: the answer's JSON. Throws ApiError. */
  post: (path: string, body: unknown) => Promise<unknown>
  /** Tells screen readers and, for a while, the corner of the page. */
  tell: (words: string) => void
}

export const DeskContext = createContext<Desk | undefined>(undefined)

export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (!desk) throw new TypeError('there is no session around this view')
  return desk
}

export function deskOf(session: Session, tell: Desk['tell']): Desk {
  return {
    session,
    mayAct: session.role === 'operator' && !session.readOnly,
    post: (path, body) => request(path, { method: 'POST', body, csrf: session.csrf }),
    tell,
  }
}
