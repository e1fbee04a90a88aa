import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Role } from './api-types'

/** Who asks: put there by the session's check, which stands in front of every route below `/api`. */
export interface Caller {
  user: string
  role: Role
  /** Nobody may act now. */
  readOnly: boolean
  ip: string
}

export function setCaller(response: Response, caller: Caller): void {
  response.locals['caller'] = caller
}

/** Throws where no session's check stands in front: that is a mistake of ours, and nothing is answered. */
export function callerOf(response: Response): Caller {
  const caller = response.locals['caller'] as Caller | undefined
  if (!caller) throw new TypeError('no session was checked in front of this route')
  return caller
}

/** In front of everything that changes something or shows what somebody said. */
export const operatorOnly: RequestHandler = (_request: Request, response: Response, next: NextFunction) => {
  const { role, readOnly } = callerOf(response)
  if (readOnly) refuse(response, 'This console is read-only (CONSOLE_READ_ONLY).')
  else if (role !== 'operator') refuse(response, 'Only an operator may do this; you are a viewer.')
  else next()
}

function refuse(response: Response, message: string): void {
  response.status(403).json({ error: 'forbidden', message })
}
