import type { Masked } from './page-mask'

export interface CurlRequest {
  method: string
  url: Masked
  headers: [name: string, value: Masked][]
  /** Text with holes; or bytes that are no text; `cut`: not all of it was kept. */
  body: { text: Masked } | { bytes: Buffer } | { cut: true } | undefined
}

/** Made by curl or by the connection. */
const skipped =
  /^(host|content-length|connection|accept-encoding|transfer-encoding|expect|user-agent|accept)$/i

/** One command for a POSIX shell. Credentials are variables, which `variables` names. */
export function curlOf({ method, url, headers, body }: CurlRequest): { curl: string; variables: string[] } {
  const used = new Set<string>()
  const quoted = (parts: Masked) => shellWord(parts, used)
  const sent = headers.filter(([name]) => !skipped.test(name))
  const words = [
    // Without -g curl would take brackets in the URL for a pattern.
    ...['curl', '-sS', '-g', '-i', '-X', method],
    ...sent.flatMap(([name, value]) => ['-H', quoted(headerLine(name, value))]),
    ...(sent.some(([name]) => /^content-type$/i.test(name)) || !body ? [] : ['-H', "'Content-Type:'"]),
  ]
  const target = quoted(url)
  const variables = () => [...used].sort()
  if (!body) return { curl: [...words, target].join(' '), variables: variables() }
  if ('text' in body) {
    // `--data` and `--data-binary` would read a file where the body begins with an @.
    const curl = [...words, '--data-raw', quoted(body.text), target].join(' ')
    return { curl, variables: variables() }
  }
  if ('cut' in body) {
    const curl = [...words, '--data-binary', shellWord(['@', { variable: 'BODY_FILE' }], used), target].join(
      ' ',
    )
    return { curl, variables: variables() }
  }
  const bytes = `printf %s '${body.bytes.toString('base64')}' | base64 -d`
  return { curl: [bytes, '|', ...words, '--data-binary', '@-', target].join(' '), variables: variables() }
}

/** A header without a value ends in a semicolon: after a colon curl leaves it out. */
function headerLine(name: string, value: Masked): Masked {
  return value.every((part) => part === '') ? [`${name};`] : [`${name}: `, ...value]
}

/** Literal parts that stand side by side become one. */
function joined(parts: Masked): Masked {
  const whole: Masked = []
  for (const part of parts) {
    const last = whole.at(-1)
    if (typeof part === 'string' && typeof last === 'string') whole[whole.length - 1] = last + part
    else whole.push(part)
  }
  return whole
}

/** One word of a POSIX shell, whatever is in it: literal parts in single quotes, variables in double ones. */
export function shellWord(parts: Masked, used: Set<string>): string {
  const word = joined(parts).map((part) => {
    if (typeof part === 'string') return part === '' ? '' : `'${part.replaceAll("'", `'\\''`)}'`
    used.add(part.variable)
    return `"$${part.variable}"`
  })
  return word.join('') || "''"
}
