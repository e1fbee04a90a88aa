/** What is wrong with a base URL, or undefined. */
export function baseUrlProblem(text: string): string | undefined {
  const url = parseHttpUrl(text)
  if (!url) return 'must be a URL that starts with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password in it'
  if (/[?#]/.test(text)) return 'must not have a "?" or "#" part'
  return undefined
}

/** Tocaro inbound webhooks: one URL, or one per group code. The URL is itself the credential [doc:D3]. */
export type HookUrls = string | Record<string, string>

export function isHookUrls(value: unknown): boolean {
  if (typeof value === 'string') return parseHttpUrl(value) !== undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const urls: unknown[] = Object.values(value)
  return urls.length > 0 && urls.every((url) => typeof url === 'string' && isHookUrls(url))
}

function parseHttpUrl(text: string): URL | undefined {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text)) return undefined
  return new URL(text)
}
