/** What went wrong with a request. `unreachable`: no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
  ) {
    super(message)
  }
}

interface Sent {
  method?: 'GET' | 'POST'
  body?: unknown
  csrf?: string
  signal?: AbortSignal
}

/** The answer's JSON. `path` is below `/api`. Throws ApiError; who is not logged in is sent to the login. */
export async function request(path: string, sent: Sent = {}): Promise<unknown> {
  const response = await send(`/api${path}`, sent)
  const answer: unknown = await response.json().catch(() => undefined)
  if (response.ok) return answer
  if (response.status === 401) toLogin()
  const { error = String(response.status), message } = (answer ?? {}) as { error?: string; message?: string }
  throw new ApiError(error, message ?? `${response.status} ${response.statusText}`, response.status)
}

async function send(url: string, { method = 'GET', body, csrf, signal }: Sent): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method === 'POST') headers['content-type'] = 'application/json'
  if (csrf) headers['x-csrf-token'] = csrf
  try {
    return await fetch(url, {
      method,
      headers,
      credentials: 'same-origin',
      ...(method === 'POST' ? { body: JSON.stringify(body ?? {}) } : {}),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError('unreachable', 'The server does not answer.')
  }
}

export function toLogin(): void {
  const { pathname, search } = location
  location.assign(`/login?to=${encodeURIComponent(pathname + search)}`)
}

export async function logout(csrf: string): Promise<void> {
  await send('/logout', { method: 'POST', csrf })
  location.assign('/login')
}
