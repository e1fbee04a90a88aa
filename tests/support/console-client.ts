/** A browser's view of the console: keeps its cookie and the token of its session. */
export interface ConsoleClient {
  cookie: string
  csrf: string
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** As the page does it: JSON, the token, the browser's own headers. `headers` overrule. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** What a form sends. No redirect is followed anywhere here. */
export function sendLogin(
  url: string,
  fields: Record<string, string>,
  { path = '/login', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(url + path, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
}

/** The cookie of an answer that lets somebody in. */
export function cookieOf(response: Response): string {
  return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
}

/** Logs in and asks for the session. */
export async function logIn(url: string, user: string, password: string): Promise<ConsoleClient> {
  const login = await sendLogin(url, { user, password })
  if (login.status !== 303) throw new Error(`${user} was not let in: ${login.status} ${await login.text()}`)
  return clientWith(url, cookieOf(login))
}

export async function clientWith(url: string, cookie: string): Promise<ConsoleClient> {
  const get: ConsoleClient['get'] = (path, headers = {}) =>
    fetch(url + path, { headers: { cookie, ...headers }, redirect: 'manual' })
  const session = (await (await get('/api/session')).json()) as { csrf?: string }
  const csrf = session.csrf ?? ''
  return {
    cookie,
    csrf,
    get,
    post: (path, body = {}, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          'x-csrf-token': csrf,
          'sec-fetch-site': 'same-origin',
          origin: url,
          cookie,
          ...headers,
        },
        redirect: 'manual',
      }),
  }
}
