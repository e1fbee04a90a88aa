/** JSON with indentation, a form line by line; everything else as it is. */
export function prettyBody(body: string, contentType = ''): string {
  if (contentType.includes('x-www-form-urlencoded')) {
    return [...new URLSearchParams(body)].map(([name, value]) => `${name} = ${value}`).join('\n')
  }
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

/** Header names differ in case from platform to platform. */
export function headerOf(headers: Record<string, string>, name: string): string | undefined {
  return Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1]
}
