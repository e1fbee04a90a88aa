import { readSecretFile, type Surroundings } from './surroundings'

/** Where and why something could not be filled in; `path` is the place within the value: ``, `[1]`, `.gr01`. */
export interface Failure {
  path: string
  what: string
  fix: string
}

type Piece = { text: string } | Omit<Failure, 'path'>

const reference = /\$\$\{|\$\{([^}]*)\}|\$\{/g

/**
 * Fills in `${VAR}` and `${file:/path}` in a text, or in the texts of a list or map. `$${` stands for a
 * plain `${`. What is filled in is not looked at again, and the YAML is parsed already: whatever a variable
 * holds, it can't add keys or further references.
 */
export function fillIn(value: unknown, around: Surroundings): { value: unknown; failures: Failure[] } {
  const failures: Failure[] = []
  const fillText = (text: string, path: string) =>
    text.replace(reference, (whole: string, inner?: string) => {
      const piece = whole === '$${' ? { text: '${' } : lookUp(inner, around)
      if ('text' in piece) return piece.text
      failures.push({ path, ...piece })
      return ''
    })
  return { value: mapTexts(value, fillText), failures }
}

/** The variables that a text refers to. */
export function referencedVariables(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/\$\{([A-Za-z_]\w*)\}/g), ([, name = '']) => name))
}

function mapTexts(value: unknown, map: (text: string, path: string) => string): unknown {
  if (typeof value === 'string') return map(value, '')
  if (typeof value !== 'object' || value === null) return value
  const mapOne = (child: unknown, path: string) => (typeof child === 'string' ? map(child, path) : child)
  if (Array.isArray(value)) return value.map((child, i) => mapOne(child, `[${i}]`))
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapOne(child, `.${key}`)]))
}

function lookUp(inner: string | undefined, around: Surroundings): Piece {
  if (inner === undefined)
    return { what: 'has a "${" without a "}"', fix: 'Close it, or write "$${" for a plain "${"' }
  if (inner.startsWith('file:')) return lookUpFile(inner.slice('file:'.length), around)
  if (!/^[A-Za-z_]\w*$/.test(inner)) {
    return {
      what: 'has a "${...}" that is neither ${VARIABLE} nor ${file:/path}',
      fix: 'Correct it, or write "$${" for a plain "${"',
    }
  }
  const text = around.env[inner]
  return text === undefined ? missingVariable(inner) : { text }
}

/** A name that does not look like a variable may be a secret that was pasted between the braces. */
function missingVariable(name: string): Piece {
  const shown = /^[A-Z][A-Z0-9_]*$/.test(name)
    ? `the variable ${name}`
    : 'a variable (name not shown: it is not in capitals)'
  return { what: `needs ${shown}, which is not set`, fix: 'Set the variable; inside a list it may be empty' }
}

function lookUpFile(path: string, around: Surroundings): Piece {
  const file = readSecretFile(path, around)
  if ('text' in file) return file
  return {
    what: `needs the file ${path}, which can't be read (${file.code})`,
    fix: 'Give the path of a readable file',
  }
}
