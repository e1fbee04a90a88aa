import type { Response } from 'express'
import { consoleKey } from '#libs/access'
import type { Logger } from '#libs/observability'
import type { RedisClient } from '#libs/redis'
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

/** Stream: about the latest 20,000 entries, each as JSON. */
const key = consoleKey('audit')
const kept = 20_000
const pageSize = 50

/** An id of the stream, of which Redis takes numbers up to 2^64 only. */
export const isAuditCursor = (text: string) => /^\d{1,15}-\d{1,15}$/.test(text)

export function createAudit(redis: RedisClient, log: Logger): Audit {
  return {
    note: async (entry) => {
      const whole: AuditEntry = { at: Date.now(), ...entry }
      await redis.xadd(key, 'MAXLEN', '~', kept, '*', 'entry', JSON.stringify(whole))
      log.info({ audit: whole }, 'audit')
    },
    page: async (cursor) => {
      const rows = await redis.xrevrange(key, cursor ?? '+', '-', 'COUNT', pageSize + 1)
      const entries = rows.map(([, [, json = '']]) => JSON.parse(json) as AuditEntry)
      const next = rows[pageSize]?.[0]
      return next === undefined ? { entries } : { entries: entries.slice(0, pageSize), cursor: next }
    },
  }
}
