import { fit, padTo, plain, textWidth, wrap } from './text-width'

test.each([
  ['ping', 4],
  ['こんにちは', 10],
  ['半角ｶﾅ', 6],
  ['ﾊﾞｽ', 3],
  ['한국어', 6],
  ['😀', 2],
  ['👨‍👩‍👧‍👦', 2],
  ['❤️', 2],
  ['é', 1],
  ['e\u0301', 1],
  ['𠮷', 2],
  ['「…」', 5],
  ['', 0],
])('%j takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width)
})

test('cuts between characters, and says so', () => {
  expect(fit('こんにちは', 10)).toBe('こんにちは')
  expect(fit('こんにちは', 9)).toBe('こんにち…')
  expect(fit('こんにちは', 8)).toBe('こんに…')
  expect(fit('a👨‍👩‍👧‍👦b', 2)).toBe('a…')
})

test('pads by columns', () => {
  expect(`${padTo('会話', 6)}|`).toBe('会話  |')
  expect(padTo('toolong', 3)).toBe('toolong')
})

test('lets no stranger steer the terminal', () => {
  expect(plain('a\x1b[2Jb\r\nc\u0085d\u202ee\tf')).toBe('a [2Jb c d e f')
  expect(plain('絵文字 👨‍👩‍👧')).toBe('絵文字 👨‍👩‍👧')
})

test('wraps at blanks, and Japanese anywhere', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrap('これは長い文です', 6)).toEqual(['これは', '長い文', 'です'])
  expect(wrap('short', 80)).toEqual(['short'])
})
