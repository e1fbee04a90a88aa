import type { QuickReply } from '#libs/contract'
import { action, buttons, carousel, file, image, link, location, sticker, text } from './builders'
import { choicesOf } from './choices'
import { render } from './render'
import { https, letters, thrownBy, times } from './rules.test.support'

const url = 'https://e.com/a.png'
const yes = action.message('はい')
const place = { title: '本社', address: '東京都', latitude: 35.6, longitude: 139.7 }
const card = (change: object = {}) => ({ text: 'x', actions: [yes], ...change })

test('builders give plain messages', () => {
  expect([
    text('やあ'),
    text('{who} さん', {
      mentions: { who: 'u1' },
      quickReplies: ['はい', action.postback('あとで', 'later')],
    }),
    image(url, { alt: '図' }),
    file('https://e.com/a.pdf', '見積書.pdf'),
    link('詳しくは', '開く', url),
    location(place),
    sticker({ line: { packageId: '1', stickerId: '2' }, alt: '👍' }),
    buttons('よいですか', [action.postback('承認', 'do=approve', '承認します'), action.link('詳細', url)], {
      title: '申請',
    }),
    carousel([{ text: 'りんご', actions: [action.message('買う', 'りんごを買う')] }], { alt: '商品' }),
    text('どこですか', {
      quickReplies: [
        action.location('場所'),
        action.camera('撮る'),
        { ...action.cameraRoll('選ぶ'), imageUrl: url },
      ],
    }),
  ]).toEqual([
    { type: 'text', text: 'やあ' },
    {
      type: 'text',
      text: '{who} さん',
      mentions: { who: 'u1' },
      quickReplies: ['はい', { type: 'postback', label: 'あとで', data: 'later' }],
    },
    { type: 'image', url, alt: '図' },
    { type: 'file', url: 'https://e.com/a.pdf', name: '見積書.pdf' },
    { type: 'link', text: '詳しくは', label: '開く', url },
    { type: 'location', ...place },
    { type: 'sticker', line: { packageId: '1', stickerId: '2' }, alt: '👍' },
    {
      type: 'buttons',
      text: 'よいですか',
      title: '申請',
      actions: [
        { type: 'postback', label: '承認', data: 'do=approve', text: '承認します' },
        { type: 'link', label: '詳細', url },
      ],
    },
    {
      type: 'carousel',
      alt: '商品',
      cards: [{ text: 'りんご', actions: [{ type: 'message', label: '買う', text: 'りんごを買う' }] }],
    },
    {
      type: 'text',
      text: 'どこですか',
      quickReplies: [
        { type: 'location', label: '場所' },
        { type: 'camera', label: '撮る' },
        { type: 'cameraRoll', label: '選ぶ', imageUrl: url },
      ],
    },
  ])
})

/** What no platform takes: refused when made, one above the edge. */
const limits: [what: string, max: number, make: (n: number) => unknown, field: string][] = [
  ['quick replies', 13, (n) => text('x', { quickReplies: times(n, 'はい') }), 'quickReplies'],
  ['quick reply text', 20, (n) => text('x', { quickReplies: [letters(n)] }), 'quickReplies[0]'],
  [
    'quick reply label',
    20,
    (n) => text('x', { quickReplies: [action.camera(letters(n))] }),
    'quickReplies[0].label',
  ],
  [
    'quick reply icon',
    1000,
    (n) => text('x', { quickReplies: [{ ...yes, imageUrl: https(n) }] }),
    'quickReplies[0].imageUrl',
  ],
  ['actions of buttons', 4, (n) => buttons('x', times(n, yes)), 'actions'],
  ['label', 20, (n) => buttons('x', [action.message(letters(n))]), 'actions[0].label'],
  ['label in graphemes', 20, (n) => buttons('x', [action.message('👨‍👩‍👧'.repeat(n))]), 'actions[0].label'],
  ['action text', 300, (n) => buttons('x', [action.message('x', letters(n))]), 'actions[0].text'],
  ['postback data', 300, (n) => buttons('x', [action.postback('x', letters(n))]), 'actions[0].data'],
  ['postback text', 300, (n) => buttons('x', [action.postback('x', 'd', letters(n))]), 'actions[0].text'],
  ['link of an action', 1000, (n) => buttons('x', [action.link('x', https(n))]), 'actions[0].url'],
  ['text of buttons', 1000, (n) => buttons(letters(n), [yes]), 'text'],
  ['title', 40, (n) => buttons('x', [yes], { title: letters(n) }), 'title'],
  ['cards', 10, (n) => carousel(times(n, card())), 'cards'],
  ['card text', 120, (n) => carousel([card({ text: letters(n) })]), 'cards[0].text'],
  [
    'card text beside a title',
    60,
    (n) => carousel([card({ title: 'x', text: letters(n) })]),
    'cards[0].text (beside a title or picture)',
  ],
  ['card actions', 3, (n) => carousel([card({ actions: times(n, yes) })]), 'cards[0].actions'],
  ['alt of a carousel', 1500, (n) => carousel([card()], { alt: letters(n) }), 'alt'],
  ['link text', 1000, (n) => link(letters(n), 'x', url), 'text'],
  ['link label', 20, (n) => link('x', letters(n), url), 'label'],
  ['link url', 1000, (n) => link('x', 'x', https(n)), 'url'],
  ['image url', 2000, (n) => image(https(n)), 'url'],
  ['place title', 100, (n) => location({ ...place, title: letters(n) }), 'title'],
  ['place address', 100, (n) => location({ ...place, address: letters(n) }), 'address'],
  ['mentions', 20, (n) => text('{a}'.repeat(n), { mentions: { a: 'u1' } }), 'mentions'],
]

test.each(['http://e.com/a', 'https://例え.jp/画像', 'tel:+81312345678', 'line://ti/p/@hookline'])(
  'a tap can open %s',
  (uri) => {
    for (const message of [link('x', 'y', uri), buttons('x', [action.link('y', uri)])]) {
      for (const platform of ['line', 'lineworks', 'tocaro'] as const)
        expect(thrownBy(() => render(message, { platform }))).toBeUndefined()
    }
  },
)

describe('builders refuse', () => {
  test.each(limits)('more than %s: %d', (_what, max, make, field) => {
    expect(thrownBy(() => make(max))).toBeUndefined()
    const error = thrownBy(() => make(max + 1)) as Error
    expect(error).toMatchObject({ code: 'message_invalid', message: expect.stringContaining(` ${max}`) })
    expect(error.message.split(': ')[0]).toBe(field)
  })

  test.each<[string, () => unknown, RegExp]>([
    ['an empty text', () => text(''), /^text: is empty/],
    [
      'plain http',
      () => image('http://e.com/a.png'),
      /^url: is "http:.*; every platform takes a URL that begins with https:\.$/,
    ],
    ['an URL with blanks', () => file('https://e.com/a b', 'a'), /^url: is "https:.*; every platform takes/],
    [
      'a link of another scheme',
      () => buttons('x', [action.link('x', 'javascript:alert(1)')]),
      /^actions\[0\]\.url/,
    ],
    ['buttons without actions', () => buttons('x', []), /^actions: has 0 items; every platform takes 1 to 4/],
    ['an empty label', () => buttons('x', [action.message('')]), /^actions\[0\]\.label: is empty/],
    [
      'a camera among buttons',
      () => buttons('x', [action.camera('撮る') as never]),
      /^actions\[0\]\.type: is "camera"/,
    ],
    ['no card', () => carousel([]), /^cards: has 0 items/],
    [
      'unequal actions',
      () => carousel([card(), card({ actions: [yes, yes] })]),
      /^cards\[1\]\.actions: All cards need the same number/,
    ],
    ['a title on one card', () => carousel([card({ title: 'x' }), card()]), /^cards\[1\]\.title/],
    ['a picture on one card', () => carousel([card(), card({ imageUrl: url })]), /^cards\[1\]\.imageUrl/],
    [
      'a mention without its place',
      () => text('やあ', { mentions: { who: 'u1' } }),
      /^mentions\.who: The text has no \{who\}/,
    ],
    [
      'a mention of nobody',
      () => text('{who}', { mentions: { who: '' } }),
      /^mentions\.who: is "", which is no user id/,
    ],
    [
      'a mention that breaks out of its tag',
      () => text('{who}', { mentions: { who: 'a" x="' } }),
      /which is no user id/,
    ],
    [
      'a longitude off the globe',
      () => location({ ...place, longitude: 181 }),
      /^longitude: is 181; it must be/,
    ],
    ['a sticker without words', () => sticker({ alt: '' }), /^alt: is empty/],
  ])('%s', (_what, make, words) => {
    expect(thrownBy(make)).toMatchObject({ code: 'message_invalid', message: expect.stringMatching(words) })
  })
})

describe('choicesOf', () => {
  test('numbers what can be answered, actions first', () => {
    const message = carousel(
      [
        card({ actions: [action.link('詳細', url), action.postback('A', 'a')] }),
        card({ actions: [yes, action.postback('B', 'b', 'Bで')] }),
      ],
      { quickReplies: ['終わり', action.camera('撮る'), action.message('もっと', '続き')] },
    )
    expect(choicesOf(message)).toEqual([
      { number: 1, label: 'A', text: 'A', data: 'a' },
      { number: 2, label: 'はい', text: 'はい' },
      { number: 3, label: 'B', text: 'Bで', data: 'b' },
      { number: 4, label: '終わり', text: '終わり' },
      { number: 5, label: 'もっと', text: '続き' },
    ])
  })

  test('finds none in a native message', () => {
    expect(choicesOf({ type: 'native', platform: 'tocaro', message: { text: '1. x' } })).toEqual([])
  })
})

// Never run: what the compiler must refuse, and what it must let through.
export function types(many: QuickReply[], words: readonly string[]) {
  text('x', { quickReplies: many })
  text('x', { quickReplies: words })
  text('x', { quickReplies: [...words, action.postback('a', 'b')] })
  text('x', { quickReplies: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13'] })
  // @ts-expect-error a 14th quick reply
  text('x', { quickReplies: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14'] })
  const tuple = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14'] as const
  // @ts-expect-error a 14th quick reply
  text('x', { quickReplies: tuple })
  const one = { text: 'x', actions: [yes] }
  carousel(words.map((word) => ({ text: word, actions: [yes] })))
  carousel([one, one, one, one, one, one, one, one, one, one])
  // @ts-expect-error an 11th card
  carousel([one, one, one, one, one, one, one, one, one, one, one])
  // @ts-expect-error a fourth action on a card
  carousel([{ text: 'x', actions: [yes, yes, yes, yes] }])
  // @ts-expect-error a fifth action
  buttons('x', [yes, yes, yes, yes, yes])
  // @ts-expect-error the camera opens from quick replies only
  buttons('x', [action.camera('x')])
  // @ts-expect-error a postback needs its data
  action.postback('x')
}
