import { PushProblem } from './problem'

/** Far more than any message has, and little enough that validating it takes no time to speak of. */
const most = { depth: 64, values: 20_000, items: 1000 }

interface Place {
  value: unknown
  path: (string | number)[]
}

/**
 * Refuses JSON that no message is made of, before anything else looks at it: nested without end, of endless lists, with
 * a key that means something to JavaScript, or with half a character, which no platform takes.
 * Without recursion: JSON can be parsed deeper than functions can be called.
 */
export function checkJson(json: unknown): void {
  const open: Place[] = [{ value: json, path: [] }]
  let values = 0
  for (let place = open.pop(); place; place = open.pop()) {
    const { value, path } = place
    if (++values > most.values) throw refused([], `has more than ${most.values} values`)
    if (typeof value === 'string' && hasHalfCharacter(value))
      throw refused(path, 'has half a surrogate pair in it')
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= most.depth)
      throw refused(path.slice(0, 8), `is nested deeper than ${most.depth} levels`)
    const entries = Object.entries(value)
    if (Array.isArray(value) && value.length > most.items)
      throw refused(path, `has more than ${most.items} items`)
    for (const [key, inner] of entries) {
      if (key === '__proto__' || hasHalfCharacter(key)) throw refused(path, 'has a key that no message has')
      open.push({ value: inner, path: [...path, Array.isArray(value) ? Number(key) : key] })
    }
  }
}

function hasHalfCharacter(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}

function refused(path: (string | number)[], what: string): PushProblem {
  return new PushProblem('request_invalid', [{ path, message: what }])
}
