import { lineSegments, lineworksSegments, linked, tocaroSegments, type Segment } from './segments'

const nameOf = (id: string) => (id === 'U1' ? 'Taro' : id)
const kinds = (segments: Segment[]) =>
  segments.map((segment) => [segment.kind, 'text' in segment ? segment.text : segment.id])

test('addresses become links, the punctuation behind them does not', () => {
  expect(kinds(linked('See https://example.com/a?b=c. または「https://example.jp/」へ'))).toEqual([
    ['text', 'See '],
    ['link', 'https://example.com/a?b=c'],
    ['text', '. または「'],
    ['link', 'https://example.jp/'],
    ['text', '」へ'],
  ])
})

test('hostile text stays text', () => {
  const words = '<img src=x onerror=alert(1)> javascript:alert(1)'
  expect(linked(words)).toEqual([{ kind: 'text', text: words }])
})

test('a `$` of LINE becomes an emoji, a mention is marked; indexes are UTF-16 units', () => {
  expect(
    kinds(
      lineSegments(
        { type: 'text', text: '🎉$ ok', emojis: [{ index: 2, productId: 'p', emojiId: 'e' }] },
        nameOf,
      ),
    ),
  ).toEqual([
    ['text', '🎉'],
    ['emoji', 'p/e'],
    ['text', ' ok'],
  ])
  const mention = { mentionees: [{ index: 3, length: 4, isSelf: true }] }
  expect(lineSegments({ type: 'text', text: 'Hi @Bot!', mention }, nameOf)[1]).toEqual({
    kind: 'mention',
    text: '@Bot',
    self: true,
  })
})

test('marks that overlap or lie outside leave the text whole', () => {
  const mention = {
    mentionees: [
      { index: 0, length: 3 },
      { index: 1, length: 3 },
      { index: 90, length: 2 },
      { index: 2, length: -1 },
      { index: 'x' },
    ],
  }
  const segments = lineSegments({ type: 'text', text: 'abcdef', mention }, nameOf)
  expect(kinds(segments)).toEqual([
    ['mention', 'abc'],
    ['text', 'def'],
  ])
})

test('textV2 is filled in; doubled braces are braces; unknown places stay', () => {
  const substitution = {
    who: { type: 'mention', mentionee: { type: 'user', userId: 'U1' } },
    all: { type: 'mention', mentionee: { type: 'all' } },
    e: { type: 'emoji', productId: 'p', emojiId: 'e' },
  }
  const segments = lineSegments({ type: 'textV2', text: '{who}{all}{{x}} {e}{no}', substitution }, nameOf)
  expect(kinds(segments)).toEqual([
    ['mention', '@Taro'],
    ['mention', '@All'],
    ['text', '{'],
    ['text', 'x'],
    ['text', '}'],
    ['text', ' '],
    ['emoji', 'p/e'],
    ['text', '{no}'],
  ])
})

test('LINE WORKS tags become names; other tags stay text', () => {
  expect(kinds(lineworksSegments('<m userId="U1"> and <m userId="all"><b>', nameOf))).toEqual([
    ['mention', '@Taro'],
    ['text', ' and '],
    ['mention', '@All'],
    ['text', '<b>'],
  ])
})

test('Tocaro mentions are those of known names, spaces and all', () => {
  expect(kinds(tocaroSegments('@Build Bot: go @nobody: x', ['Build Bot', 'Kenji', '']))).toEqual([
    ['mention', '@Build Bot:'],
    ['text', ' go @nobody: x'],
  ])
})
