import type { Response } from 'express'
import { callerOf } from './access'
import type { AuditEntry, AuditPage } from './api-types'

/** Who did what: kept in Redis and written to the log. */
export interface Audit {
  /** Resolves when it is kept; rejects when it can't be, and then the action must not be done. */
  note(entry: Omit<AuditEntry, 'at'>): Promise<void>
  page(cursor?: string): Promise<AuditPage>
}

type Done = Pick<AuditEntry, 'action' | 'bot' | 'target' | 'details'> & { result?: AuditEntry['result'] }

/** An entry about something that the caller of this request does. */
export function auditEntry(response: Response, { result = 'ok', ...done }: Done): Omit<AuditEntry, 'at'> {
  const { user, role, ip } = callerOf(response)
  return { user, role, ip, result, ...done }
}
