import { createOnce } from './once'

function setup() {
  const results = {}
  const saved: string[] = []
  const save = async () => void saved.push(JSON.stringify(results))
  return { saved, results, once: createOnce(results, save), again: () => createOnce(results, save) }
}

describe('once', () => {
  test('gives a later run what the first one got, and has the effect no more', async () => {
    const { once, again, saved } = setup()
    expect(await once('order', () => ({ id: 7 }))).toEqual({ id: 7 })
    expect(saved).toEqual(['{"order":{"value":{"id":7}}}'])
    expect(await again()('order', () => Promise.reject(new Error('twice')))).toEqual({ id: 7 })
  })

  test('has an effect once where the same key is asked for twice, also at the same time', async () => {
    const { once } = setup()
    let effects = 0
    const effect = async () => ++effects
    expect(await Promise.all([once('a', effect), once('a', effect), once('b', effect)])).toEqual([1, 1, 2])
    expect(await once('a', effect)).toBe(1)
  })

  test('knows an effect that resolves with nothing', async () => {
    const { once, again } = setup()
    await once('mail', () => undefined)
    expect(await again()('mail', () => 'twice')).toBeUndefined()
  })

  test('does not keep an error', async () => {
    const { once, results } = setup()
    await expect(once('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(results).toEqual({})
    expect(await once('a', () => 'there')).toBe('there')
  })

  test('gives what a later run would get: a Date as its text', async () => {
    const { once } = setup()
    expect(await once('at', () => new Date(0))).toBe('1970-01-01T00:00:00.000Z')
  })

  test('knows that it had an effect whose result it can not keep', async () => {
    const { once, again } = setup()
    const endless: { self?: unknown } = {}
    endless.self = endless
    await expect(once('a', () => endless)).rejects.toMatchObject({ code: 'state_invalid' })
    expect(await again()('a', () => 'twice')).toBeUndefined()
  })

  test('resolves only when the result is stored', async () => {
    const once = createOnce({}, () => Promise.reject(new Error('Redis is away')))
    await expect(once('a', () => 1)).rejects.toThrow('Redis is away')
  })
})
