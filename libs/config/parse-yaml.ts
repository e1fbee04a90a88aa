import { LineCounter, parseDocument, visit, type Document, type YAMLError } from 'yaml'
import type { Problem } from './problem'

export type ParsedYaml = { value: unknown } | { problems: Problem[] }

/** The parser's own messages are not used: they quote the source, which may hold secrets. */
const explanations: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'has a key that is there twice',
  TAB_AS_INDENT: 'is indented with a tab',
  MULTIPLE_DOCS: 'starts a second document ("---")',
}

/**
 * Parses YAML in which every scalar is text: `0123` stays as it is written, and a long bot id keeps its
 * digits. An unquoted null (`~`, `null`) is empty text; it must never become a secret named "null".
 */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lineCounter = new LineCounter()
  const document = parseDocument(protect(text), { schema: 'failsafe', prettyErrors: false, lineCounter })
  const problems = document.errors.map((error) => {
    const { line, col } = lineCounter.linePos(error.pos[0])
    const what = explanations[error.code] ?? `is not valid YAML (${error.code})`
    return { place: `${file} line ${line}, column ${col}`, what, fix: 'Correct the line' }
  })
  return problems.length > 0 ? { problems: problems.slice(0, 1) } : toValue(document, file)
}

function toValue(document: Document, file: string): ParsedYaml {
  try {
    visit(document, {
      Scalar(_key, node) {
        if (typeof node.value !== 'string') return
        const isNull = node.type === 'PLAIN' && /^(~|null|Null|NULL)$/.test(node.value)
        node.value = isNull ? '' : restore(node.value)
      },
    })
    return { value: document.toJS() }
  } catch {
    const fix = 'Define each anchor (&name) before its alias (*name)'
    return { problems: [{ place: file, what: 'has an alias that leads nowhere', fix }] }
  }
}

/**
 * Braces would end an unquoted text inside [ ] and { }, so that `[${A}, ${B}]` would not be a list of two
 * references. Private-use characters, one for one, take their place while the YAML is parsed.
 */
function protect(text: string): string {
  if (/[\uE000-\uE002]/.test(text)) return text
  return text.replace(/\$\{([^}\n]*)\}/g, '\uE000\uE001$1\uE002')
}

function restore(text: string): string {
  return text.replaceAll('\uE000\uE001', '${').replaceAll('\uE002', '}')
}
