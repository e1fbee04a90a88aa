import { HooklineError } from '#libs/contract'
import { largestState } from './json'

/** What effects resolved with, by their key. An effect that resolved with nothing has no `value`. JSON. @internal */
export type OnceResults = Record<string, { value?: unknown }>

/**
 * `ctx.once` over a record of one event. `save` writes the record before the result is given back: from then on no
 * run of the event has the effect again.
 * @internal
 */
export function createOnce(
  results: OnceResults,
  save: () => Promise<void>,
): (key: string, effect: () => unknown) => Promise<unknown> {
  const underWay = new Map<string, Promise<unknown>>()
  return (key: string, effect: () => unknown): Promise<unknown> => {
    const known = underWay.get(key)
    if (known) return known
    const result = (async () => {
      const kept = Object.hasOwn(results, key) ? results[key] : undefined
      if (kept) return kept.value
      const { copy, problem } = copyOf(key, await effect())
      results[key] = copy
      await save()
      if (problem) throw problem
      return copy.value
    })()
    underWay.set(key, result)
    // Not stored: the same run may try once more.
    result.catch(() => underWay.delete(key))
    return result
  }
}

/** The effect was had, whatever it gave back: that must be known even where its result can't be kept. */
function copyOf(key: string, value: unknown): { copy: { value?: unknown }; problem?: HooklineError } {
  const refuse = (why: string) => ({
    copy: {},
    problem: new HooklineError(
      'state_invalid',
      `What once("${key}") resolved with ${why}. Let it resolve with less. The effect itself was had and is not repeated.`,
    ),
  })
  // What has no JSON at all, such as a function, gives undefined, whatever the types say.
  let json: unknown
  try {
    json = JSON.stringify(value)
  } catch (error) {
    return refuse(`is no JSON: ${String(error)}`)
  }
  if (typeof json !== 'string') return { copy: {} }
  if (Buffer.byteLength(json) > largestState) return refuse(`is larger than ${largestState} bytes of JSON`)
  return { copy: { value: JSON.parse(json) as unknown } }
}
