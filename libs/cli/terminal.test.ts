import { PassThrough } from 'node:stream'
import { hasColours, painter, printableJson } from './terminal'

const terminal = () => Object.assign(new PassThrough(), { isTTY: true })

test.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR, which counts as not set', { NO_COLOR: '' }, true, true],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['NO_COLOR against FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
])('colours: %s', (_name, env, isTTY, coloured) => {
  const out = Object.assign(terminal(), { isTTY })
  expect(hasColours(out, env)).toBe(coloured)
  expect(painter(out, env)('red', 'x')).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x')
})

test('JSON carries nothing that moves a cursor or turns the direction of writing', () => {
  const json = printableJson({ text: 'a\u009b2J\u202eb\u001b' })
  expect(json).toBe(String.raw`{"text":"a\u009b2J\u202eb\u001b"}`)
  expect(JSON.parse(json)).toEqual({ text: 'a\u009b2J\u202eb\u001b' })
})
