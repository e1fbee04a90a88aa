/** What is wrong with a base URL, or undefined. */
export function baseUrlProblem(text: string): string | undefined {
  const url = parseHttpUrl(text)
  if (!url) return 'must be a URL that starts with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password in it'
  if (/[?#]/.test(text)) return 'must not have a "?" or "#" part'
  return undefined
}

/**
 * What is wrong with the Redis URL, or undefined. One server only: a form that names several would
 * otherwise be read as one strange host name.
 */
export function redisUrlProblem(text: string): string | undefined {
  if (/sentinel|cluster/i.test(text.split('://')[0] ?? '') || /^[^/?]*\/\/[^/?]*,/.test(text)) {
    return 'names Redis Sentinel or Redis Cluster, which this version does not support'
  }
  if (!URL.canParse(text)) return 'is not a URL'
  const { protocol, hostname, pathname } = new URL(text)
  if (protocol !== 'redis:' && protocol !== 'rediss:') return 'must start with redis:// or rediss://'
  if (hostname === '') return 'names no host'
  if (!/^\/?\d*$/.test(pathname)) return 'has a path that is not a database number'
  return undefined
}

/** The Redis URL without user name, password and options: fit for a log. */
export function showRedisUrl(text: string): string {
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
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
