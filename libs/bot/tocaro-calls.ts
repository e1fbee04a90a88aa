/**
 * `ctx.tocaro`: the calls of Tocaro. Everything is exported by `hookline`.
 *
 * @module tocaro-calls
 */

import type { ApiCall } from '#libs/contract'
import { bodyOf, given, paged, record } from './calls-support'

/** A row as Tocaro gives it: the fields are not documented for us. */
export type TocaroRow = Record<string, unknown>

export interface TocaroGroupsOptions {
  /** Part of the name. */
  query?: string
  /** Where the list is; `/groups` is an assumption [Tocaro Web API reference, path not visible]. */
  path?: string
}

export type TocaroCalls = ReturnType<typeof createTocaroCalls>

/** Rows of a page and pages, the most that Tocaro gives [Tocaro Web API reference]. */
const most = 100

/** Calls of the Tocaro Web API, in handlers `ctx.tocaro`. They need an access token with the scope `read`. */
export function createTocaroCalls(call: ApiCall) {
  const rows = (path: string, query: string | undefined) =>
    paged<TocaroRow>(async (cursor) => {
      const page = Number(cursor ?? 1)
      const items = rowsOf(
        await bodyOf(call, { method: 'GET', path, query: { ...given({ query }), page, perPage: most } }),
      )
      return { items, next: items.length === most && page < most ? String(page + 1) : undefined }
    })
  return {
    /** Users of the contract whose e-mail address or name begins with `query`; all of them without it. */
    users: (query?: string) => rows('/users', query),
    /** Groups that the bot is in. */
    groups: ({ query, path = '/groups' }: TocaroGroupsOptions = {}) => rows(path, query),
  }
}

/** The answer's shape is not documented: a list, or an object that holds one. */
function rowsOf(body: unknown): TocaroRow[] {
  const list = Array.isArray(body) ? body : Object.values(record(body)).find(Array.isArray)
  return Array.isArray(list) ? list.map(record) : []
}
