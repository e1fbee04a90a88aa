import type { Message, PlatformName } from '#libs/contract'
import { buttons, carousel, image, link, text } from './builders'
import { choicesOf } from './choices'
import { checkLineMessage } from './line-check'
import { portable } from './portable.test.support'
import { type Recipient, checkMessages, render } from './render'
import { https, letters, thrownBy } from './rules.test.support'

type Kind = keyof typeof portable
const url = 'https://e.com/a.png'
const link1 = 'https://e.com/x'
const says = (words: string) => [{ type: 'text', text: words }]

const line: Record<Kind, unknown[]> = {
  text: says('やあ'),
  mention: [
    {
      type: 'textV2',
      text: '{who} さん、{all} {{これ}}',
      substitution: {
        who: { type: 'mention', mentionee: { type: 'user', userId: 'U1' } },
        all: { type: 'mention', mentionee: { type: 'all' } },
      },
    },
  ],
  quickReplies: [
    {
      type: 'text',
      text: 'どれ?',
      quickReply: {
        items: [
          { type: 'action', action: { type: 'message', label: 'はい', text: 'はい' } },
          {
            type: 'action',
            action: { type: 'postback', label: 'あとで', data: 'later', displayText: '後にします' },
          },
          { type: 'action', action: { type: 'uri', label: '詳細', uri: link1 } },
          { type: 'action', imageUrl: url, action: { type: 'message', label: 'もっと', text: '続き' } },
          { type: 'action', action: { type: 'location', label: '場所' } },
          { type: 'action', action: { type: 'camera', label: '撮る' } },
          { type: 'action', action: { type: 'cameraRoll', label: '選ぶ' } },
        ],
      },
    },
  ],
  image: [{ type: 'image', originalContentUrl: url, previewImageUrl: 'https://e.com/s.png' }],
  file: says('見積書.pdf\nhttps://e.com/a.pdf'),
  link: [
    {
      type: 'template',
      altText: '詳しくは',
      template: { type: 'buttons', text: '詳しくは', actions: [{ type: 'uri', label: '開く', uri: link1 }] },
    },
  ],
  location: [{ type: 'location', title: '本社', address: '東京都', latitude: 35.6, longitude: 139.7 }],
  sticker: [{ type: 'sticker', packageId: '1', stickerId: '2' }],
  stickerOfOthers: says('👍'),
  buttons: [
    {
      type: 'template',
      altText: '申請\nよいですか',
      template: {
        type: 'buttons',
        thumbnailImageUrl: url,
        title: '申請',
        text: 'よいですか',
        actions: [
          { type: 'postback', label: '承認', data: 'do=approve', displayText: '承認' },
          { type: 'message', label: '質問', text: '質問です' },
          { type: 'uri', label: '詳細', uri: link1 },
        ],
      },
      quickReply: { items: [{ type: 'action', action: { type: 'message', label: '中止', text: '中止' } }] },
    },
  ],
  carousel: [
    {
      type: 'template',
      altText: '果物',
      template: {
        type: 'carousel',
        columns: [
          {
            thumbnailImageUrl: url,
            title: 'りんご',
            text: '赤い',
            actions: [{ type: 'postback', label: '買う', data: 'buy=1', displayText: '買う' }],
          },
          {
            thumbnailImageUrl: url,
            title: 'みかん',
            text: '甘い',
            actions: [{ type: 'postback', label: '買う', data: 'buy=2', displayText: '買う' }],
          },
        ],
      },
    },
  ],
}

const lineworks: Record<Kind, unknown[]> = {
  text: says('やあ'),
  mention: says('<m userId="U1"> さん、<m userId="all"> {これ}'),
  quickReplies: [
    {
      type: 'text',
      text: 'どれ?',
      quickReply: {
        items: [
          { action: { type: 'message', label: 'はい', text: 'はい' } },
          { action: { type: 'message', label: 'あとで', text: '後にします', postback: 'later' } },
          { action: { type: 'uri', label: '詳細', uri: link1 } },
          { imageUrl: url, action: { type: 'message', label: 'もっと', text: '続き' } },
          { action: { type: 'location', label: '場所' } },
          { action: { type: 'camera', label: '撮る' } },
          { action: { type: 'cameraRoll', label: '選ぶ' } },
        ],
      },
    },
  ],
  image: [{ type: 'image', previewImageUrl: 'https://e.com/s.png', originalContentUrl: url }],
  file: [{ type: 'file', originalContentUrl: 'https://e.com/a.pdf' }],
  link: [{ type: 'link', contentText: '詳しくは', linkText: '開く', link: link1 }],
  location: [{ type: 'location', title: '本社', address: '東京都', latitude: 35.6, longitude: 139.7 }],
  sticker: [{ type: 'sticker', packageId: '3', stickerId: '4' }],
  stickerOfOthers: says('👍'),
  buttons: [
    { type: 'image', previewImageUrl: url, originalContentUrl: url },
    {
      type: 'button_template',
      contentText: '申請\nよいですか',
      actions: [
        { type: 'message', label: '承認', text: '承認', postback: 'do=approve' },
        { type: 'message', label: '質問', text: '質問です' },
        { type: 'uri', label: '詳細', uri: link1 },
      ],
      quickReply: { items: [{ action: { type: 'message', label: '中止', text: '中止' } }] },
    },
  ],
  carousel: [
    {
      type: 'carousel',
      columns: [
        {
          originalContentUrl: url,
          title: 'りんご',
          text: '赤い',
          actions: [{ type: 'message', label: '買う', text: '買う', postback: 'buy=1' }],
        },
        {
          originalContentUrl: url,
          title: 'みかん',
          text: '甘い',
          actions: [{ type: 'message', label: '買う', text: '買う', postback: 'buy=2' }],
        },
      ],
    },
  ],
}

const tocaro: Record<Kind, unknown[]> = {
  text: [{ text: 'やあ' }],
  mention: [{ text: '@花子 さん、@all {これ}', mentions: ['U1'] }],
  quickReplies: [{ text: `どれ?\n1. はい\n2. あとで\n詳細: ${link1}\n3. もっと` }],
  image: [{ text: `${url}\n図` }],
  file: [{ text: '見積書.pdf\nhttps://e.com/a.pdf' }],
  link: [{ text: `詳しくは\n開く: ${link1}` }],
  location: [{ text: '本社\n東京都\n35.6, 139.7' }],
  sticker: [{ text: '👍' }],
  stickerOfOthers: [{ text: '👍' }],
  buttons: [{ text: `${url}\n申請\nよいですか\n1. 承認\n2. 質問\n詳細: ${link1}\n3. 中止` }],
  carousel: [{ text: `${url}\n${url}\nりんご\n赤い\n1. 買う\n\nみかん\n甘い\n2. 買う` }],
}

/** Through the inbound webhook: pictures are attachments, mentions are text only. */
const tocaroHook: Record<Kind, unknown[]> = {
  ...tocaro,
  mention: [{ text: '@花子 さん、@all {これ}' }],
  image: [{ text: '図', attachments: [{ image_url: url }] }],
  buttons: [
    {
      text: `申請\nよいですか\n1. 承認\n2. 質問\n詳細: ${link1}\n3. 中止`,
      attachments: [{ image_url: url }],
    },
  ],
  carousel: [
    {
      text: 'りんご\n赤い\n1. 買う\n\nみかん\n甘い\n2. 買う',
      attachments: [{ image_url: url }, { image_url: url }],
    },
  ],
}

const kinds = Object.keys(portable) as Kind[]

describe('render', () => {
  test.each(kinds)('makes of %s what the guide says', (kind) => {
    const message = portable[kind]
    expect(render(message, { platform: 'line', kind: 'group' })).toEqual(line[kind])
    expect(render(message, { platform: 'lineworks', kind: 'channel' })).toEqual(lineworks[kind])
    expect(render(message, { platform: 'tocaro', kind: 'group' })).toEqual(tocaro[kind])
    expect(render(message, { platform: 'tocaro', kind: 'group', attachments: true })).toEqual(
      tocaroHook[kind],
    )
  })

  test.each(kinds)('makes of %s what LINE takes', (kind) => {
    for (const place of ['user', 'group'] as const) {
      for (const object of render(portable[kind], { platform: 'line', kind: place })) {
        expect(
          thrownBy(() => checkLineMessage(object, '', { kind: place, unknownTypes: 'refuse' })),
        ).toBeUndefined()
      }
    }
  })

  test.each(kinds)('lists the choices of %s on Tocaro with their numbers', (kind) => {
    const text = JSON.stringify(tocaro[kind])
    const choices = choicesOf(portable[kind])
    for (const { number, label } of choices) expect(text).toContain(`${number}. ${label}`)
    expect(text).not.toContain(`${choices.length + 1}. `)
  })

  test('takes alone what has nothing else', () => {
    const bare: [Message, unknown][] = [
      [image(url), [{ type: 'image', originalContentUrl: url, previewImageUrl: url }]],
      [
        carousel([{ text: '赤い', actions: [{ type: 'message', label: '買う' }] }]),
        [expect.objectContaining({ altText: '赤い' })],
      ],
    ]
    for (const [message, object] of bare) expect(render(message, { platform: 'line' })).toEqual(object)
    expect(render(image(url), { platform: 'tocaro', attachments: true })).toEqual([
      { attachments: [{ image_url: url }] },
    ])
  })
})

describe('mentions where nobody can be mentioned', () => {
  const user = (words: string, mentions: Record<string, string | { userId: string; name: string }>) =>
    render(text(words, { mentions }), { platform: 'line', kind: 'user' })

  test.each([
    ['{who} さん、どうぞ', 'どうぞ'],
    ['{who}様: どうぞ', 'どうぞ'],
    ['こんにちは {who}', 'こんにちは '],
    ['{who}さんざん待った', 'さんざん待った'],
  ])('LINE one-to-one: %j is said as %j', (words, said) => {
    expect(user(words, { who: 'U1' })).toEqual(says(said))
  })

  test('LINE one-to-one says a name that is given, and needs something to say', () => {
    expect(user('{who} さん、どうぞ', { who: { userId: 'U1', name: '花子' } })).toEqual(
      says('花子 さん、どうぞ'),
    )
    expect(thrownBy(() => user('{who} さん', { who: 'U1' }))).toMatchObject({ code: 'message_invalid' })
  })

  test('LINE WORKS mentions a user in a one-to-one room, but not everybody', () => {
    const message = text('{who} {all}、どうぞ', { mentions: { who: 'u1', all: 'all' } })
    expect(render(message, { platform: 'lineworks', kind: 'user' })).toEqual(says('<m userId="u1"> どうぞ'))
  })

  test('a key that nobody stands for is text, also one that objects have', () => {
    const message = text('{constructor} {who}', { mentions: { who: 'u1' } })
    expect(render(message, { platform: 'lineworks', kind: 'channel' })).toEqual(
      says('{constructor} <m userId="u1">'),
    )
  })
})

describe('long texts', () => {
  const quickReplies = ['はい']
  const lengths = (recipient: Recipient, words: string) =>
    render(text(words, { quickReplies }), recipient).map((part) => [
      String(part.text).length,
      'quickReply' in part,
    ])

  test.each<[PlatformName, number]>([
    ['line', 5000],
    ['lineworks', 2000],
  ])('on %s become parts of %d, with the quick replies at the end', (platform, max) => {
    expect(lengths({ platform }, letters(max))).toEqual([[max, true]])
    expect(lengths({ platform }, letters(max + 1))).toEqual([
      [max, false],
      [1, true],
    ])
  })

  test('on Tocaro are split with their choices', () => {
    const parts = render(text(letters(2000), { quickReplies }), { platform: 'tocaro' })
    expect(parts.map((part) => part.text).join('')).toBe(`${letters(2000)}\n1. はい`)
    expect(parts.every((part) => String(part.text).length <= 2000)).toBe(true)
  })

  test('never cut a mention, a brace or a neutralised tag out of its text', () => {
    const message = text(`${letters(1990)}{who}${letters(4000)}{{who}`, { mentions: { who: 'U1' } })
    const parts = render(message, { platform: 'lineworks', kind: 'channel' })
    const whole = parts.map((part) => String(part.text).split('<m userId="U1">').length - 1)
    expect(whole).toEqual([0, 1, 0, 1])
    const v2 = render(text(`${letters(4999)}{${letters(4995)}{who}`, { mentions: { who: 'U1' } }), {
      platform: 'line',
      kind: 'group',
    })
    expect(v2.map((part) => part.substitution !== undefined)).toEqual([false, false, true])
    expect(v2[1]).toMatchObject({ type: 'textV2', text: expect.stringMatching(/^\{\{あ/) })
  })
})

/** What one platform takes and another does not. */
const limits: [
  what: string,
  platform: PlatformName,
  max: number,
  make: (n: number) => Message,
  field: string,
][] = [
  ['text of buttons', 'line', 160, (n) => buttons(letters(n), [{ type: 'message', label: 'x' }]), 'text'],
  [
    'text of buttons beside a title',
    'line',
    60,
    (n) => buttons(letters(n), [{ type: 'message', label: 'x' }], { title: 'x' }),
    'text (beside a title or picture)',
  ],
  [
    'text of buttons beside a picture',
    'line',
    60,
    (n) => buttons(letters(n), [{ type: 'message', label: 'x' }], { imageUrl: url }),
    'text (beside a title or picture)',
  ],
  [
    'text of buttons',
    'lineworks',
    1000,
    (n) => ({ ...buttons('x', [{ type: 'message', label: 'x' }]), text: letters(n) }),
    'text',
  ],
  [
    'text of buttons with its title',
    'lineworks',
    998,
    (n) => buttons(letters(n), [{ type: 'message', label: 'x' }], { title: 'x' }),
    'contentText',
  ],
  ['text of a link', 'line', 160, (n) => link(letters(n), 'x', url), 'text'],
  ['URL of an image', 'lineworks', 1000, (n) => image(https(n)), 'url'],
  [
    'label in UTF-16 units',
    'lineworks',
    10,
    (n) => buttons('x', [{ type: 'message', label: '😀'.repeat(n) }]),
    'actions[0].label',
  ],
]

describe('render refuses', () => {
  test.each(limits)('more than %s on %s: %d', (_what, platform, max, make, field) => {
    expect(thrownBy(() => render(make(max), { platform }))).toBeUndefined()
    const error = thrownBy(() => render(make(max + 1), { platform })) as Error
    expect(error).toMatchObject({ code: 'message_invalid' })
    expect(error.message.split(': ')[0]).toBe(field)
    expect(error.message).toContain(platform === 'line' ? 'LINE takes' : 'LINE WORKS takes')
  })

  test.each<[string, unknown, RegExp]>([
    ['an unknown type', { type: 'hologram' }, /^type: is "hologram"; LINE takes "text", "image"/],
    ['no type', { text: 'x' }, /^type: is missing/],
    ['no object', 'x', /^message: is "x"; give/],
    ['nothing', null, /^message: is null; give/],
    [
      'quick replies that are no list',
      { type: 'text', text: 'x', quickReplies: 'はい' },
      /^quickReplies: is "はい"; LINE takes a list/,
    ],
    [
      'a quick reply that is a number',
      { type: 'text', text: 'x', quickReplies: [1] },
      /^quickReplies\[0\]: is 1; it must be/,
    ],
    [
      'mentions that are no object',
      { type: 'text', text: 'x', mentions: ['U1'] },
      /^mentions: is a list; it must be/,
    ],
    ['cards that are no objects', { type: 'carousel', cards: ['x'] }, /^cards\[0\]: is "x"; it must be/],
    [
      'a card without actions',
      { type: 'carousel', cards: [{ text: 'x' }] },
      /^cards\[0\]\.actions: is missing/,
    ],
    [
      'a native message without its object',
      { type: 'native', platform: 'line' },
      /^message: is missing; give/,
    ],
    [
      'a native message of another platform',
      { type: 'native', platform: 'tocaro', message: {} },
      /native message for "tocaro" can't go to "line"/,
    ],
  ])('%s, whoever wrote it', (_what, message, words) => {
    expect(thrownBy(() => render(message as Message, { platform: 'line' }))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringMatching(words),
    })
  })

  test('with the number of the message where there are several', () => {
    const messages: Message[] = [text('x'), { type: 'text', text: '' }]
    expect(thrownBy(() => checkMessages(messages, { platform: 'line' }))).toMatchObject({
      message: expect.stringMatching(/^messages\[1\]\.text: /),
    })
  })
})

test.each(['line', 'lineworks', 'tocaro'] as const)(
  'URLs go out encoded on %s, as its limit counts them',
  (platform) => {
    const url = 'https://例え.jp/画像|%E7%94%BB.png?q=あ'
    const encoded = 'https://xn--r8jz45g.jp/%E7%94%BB%E5%83%8F%7C%E7%94%BB.png?q=%E3%81%82'
    const [sent] = render({ type: 'image', url }, { platform })
    expect(JSON.stringify(sent)).toContain(encoded)
    const long = `https://e.com/${'画'.repeat(300)}`
    const error = thrownBy(() => render({ type: 'image', url: long }, { platform }))
    if (platform === 'lineworks') {
      expect(error).toMatchObject({ message: 'url: has 2714 characters; LINE WORKS takes at most 1000.' })
    }
  },
)
