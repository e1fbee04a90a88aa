import { readFileSync } from 'node:fs'

/** Version of this package, from its package.json, whether compiled or not. */
export function version(): string {
  // Not imported: the compiler would put a second package.json into dist, with other meanings of `#libs`.
  const text = readFileSync(require.resolve('hookline/package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
