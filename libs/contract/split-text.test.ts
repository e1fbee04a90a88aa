import { splitText } from './split-text'

const family = '👨‍👩‍👧‍👦'

describe('splitText', () => {
  test('never cuts what is to stay whole, unless it is longer than a part', () => {
    expect(splitText('aaa<bcd>e<fg>', 6, /<\w+>/g)).toEqual(['aaa', '<bcd>e', '<fg>'])
    expect(splitText('a<bcdefgh>', 4, /<\w+>/g)).toEqual(['a<bc', 'defg', 'h>'])
  })

  test('leaves a text within the limit alone', () => {
    expect(splitText('こんにちは', 5)).toEqual(['こんにちは'])
    expect(splitText('', 5)).toEqual([''])
  })

  test.each([
    ['ASCII', 'abcdefghij', 4],
    ['surrogate pairs', '😀'.repeat(9), 5],
    ['family emoji', `a${family}b${family}c${family}`, 12],
    ['flags', '🇯🇵🇰🇷🇹🇼🇺🇸', 5],
    ['combining dakuten', 'か\u3099き\u3099く\u3099', 3],
    ['Windows line ends', 'a\r\nb\r\nc\r\n', 2],
  ])('splits %s into whole graphemes within the limit', (_name, text, limit) => {
    const parts = splitText(text, limit)
    const whole = [...new Intl.Segmenter('ja').segment(text)].map((s) => s.segment)
    const pieces = parts.flatMap((p) => [...new Intl.Segmenter('ja').segment(p)].map((s) => s.segment))
    expect(parts.join('')).toBe(text)
    expect(Math.max(...parts.map((p) => p.length))).toBeLessThanOrEqual(limit)
    expect(pieces).toEqual(whole)
  })

  test('cuts a grapheme longer than the limit between code points only', () => {
    const parts = splitText(family, 4)
    expect(parts.join('')).toBe(family)
    for (const part of parts) expect(() => encodeURIComponent(part)).not.toThrow()
  })

  test('prefers to cut after a sentence', () => {
    expect(splitText('一二三四五六七八。九十一二三', 10)).toEqual(['一二三四五六七八。', '九十一二三'])
  })
})
