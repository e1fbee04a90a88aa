import type { ApiAnswer, Refusal } from './api-call'

/** Errors of which only the status is known: the body's form changes from one to the next. */
export interface TocaroErrors {
  answer(status: number, words: string): ApiAnswer
  refuse(kind: Refusal['kind'], waitMs?: number): ApiAnswer
}

const forms: ((status: number, words: string) => Omit<ApiAnswer, 'status'>)[] = [
  (status, words) => ({ body: { errors: [{ status, message: words }] } }),
  (_status, words) => ({ headers: { 'content-type': 'text/plain' }, body: words }),
  (status, words) => ({
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${status}</title></head><body><h1>${words}</h1></body></html>`,
  }),
  () => ({}),
]

const refusals: Record<Refusal['kind'], [status: number, words: string]> = {
  unauthorized: [401, 'The token is expired or invalid'],
  forbidden: [403, 'Forbidden'],
  rate_limited: [429, 'Too many query'],
  quota: [429, 'Too many query'],
  server_error: [500, 'Internal Server Error'],
  not_found: [404, 'Not Found'],
  too_large: [413, 'Payload Too Large'],
}

/** JSON, text, HTML and nothing, in turn: no bot may rely on a form [assumed]. */
export function createTocaroErrors(): TocaroErrors {
  let turn = 0
  const answer = (status: number, words: string): ApiAnswer => {
    const form = forms[turn++ % forms.length]
    return { status, ...form?.(status, words) }
  }
  return {
    answer,
    refuse: (kind, waitMs) => {
      const refused = answer(...refusals[kind])
      // Whether Tocaro sends Retry-After is unknown; `429-no-header` plays the other case.
      const wait = waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1000)) }
      return { ...refused, headers: { ...refused.headers, ...wait } }
    },
  }
}
