import { HooklineError } from '#libs/contract'

/** What Redis keeps per value. A conversation that needs more needs a database. */
export const largestState = 64 * 1024

/**
 * The JSON text of a value that comes back as it was.
 * @throws HooklineError `state_invalid` naming the part that is no JSON, or the size.
 */
export function toJson(value: unknown, what: string): string {
  refuseOthers(value, what, [])
  const json = value === undefined ? 'null' : JSON.stringify(value)
  const bytes = Buffer.byteLength(json)
  if (bytes <= largestState) return json
  throw invalid(`${what} has ${bytes} bytes of JSON; ${largestState} are kept. Keep large things elsewhere.`)
}

function refuseOthers(value: unknown, path: string, above: object[]): void {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(`${path} is ${value}, which is no JSON.`)
    return
  }
  if (typeof value !== 'object') throw invalid(`${path} is a ${typeof value}, which is no JSON.`)
  if (above.includes(value)) throw invalid(`${path} contains itself, which is no JSON.`)
  if (!Array.isArray(value)) refuseClass(value, path)
  for (const [key, part] of Object.entries(value)) refuseOthers(part, `${path}.${key}`, [...above, value])
}

/** A Date would come back as a string, a Map as nothing. */
function refuseClass(value: object, path: string): void {
  const proto: unknown = Object.getPrototypeOf(value)
  // Objects of another realm (a test runner's) have an Object.prototype of their own.
  if (proto === null || Object.getPrototypeOf(proto) === null) return
  throw invalid(
    `${path} is a ${value.constructor.name}, which is no JSON. Keep a string or a number instead.`,
  )
}

function invalid(message: string): HooklineError {
  return new HooklineError('state_invalid', message)
}
