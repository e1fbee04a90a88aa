import type { LineActionPlace } from './line-actions'

// Every limit of LINE's messages at its edge: what LINE takes, what it refuses, and the words of our own error.

const url = (length = 30, start = 'https://example.com/') => start.padEnd(length, 'a')
const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
const family = '👨‍👩‍👧'
export const link = { type: 'uri', label: 'Open', uri: url() }
const area = { x: 0, y: 0, width: 10, height: 10 }

export const text = (fields = {}) => ({ type: 'text', text: 'Hello', ...fields })
const quick = (item = {}, action = {}) =>
  text({ quickReply: { items: [{ type: 'action', action: { ...link, ...action }, ...item }] } })
export const v2 = (words: string, substitution?: object) => ({ type: 'textV2', text: words, substitution })
const image = (fields = {}) => ({
  type: 'image',
  originalContentUrl: url(),
  previewImageUrl: url(),
  ...fields,
})
export const video = (fields = {}) => ({ ...image(), type: 'video', ...fields })
const audio = (fields = {}) => ({ type: 'audio', originalContentUrl: url(), duration: 1000, ...fields })
const place = (fields = {}) => ({
  type: 'location',
  title: 'Depot',
  address: '1 Sample St',
  latitude: 35.1,
  longitude: 139.2,
  ...fields,
})
const coupon = (fields = {}) => ({ type: 'coupon', couponId: 'c1', ...fields })
const imagemap = (fields = {}) => ({
  type: 'imagemap',
  baseUrl: url(),
  altText: 'Map',
  baseSize: { width: 1040, height: 585 },
  actions: [{ type: 'uri', linkUri: url(), area }],
  ...fields,
})
const mapAction = (action: object) => imagemap({ actions: [{ area, ...action }] })
const mapVideo = (fields = {}, link = {}) =>
  imagemap({
    video: {
      originalContentUrl: url(),
      previewImageUrl: url(),
      area,
      externalLink: { linkUri: url(), label: 'More', ...link },
      ...fields,
    },
  })
const template = (template: object, fields = {}) => ({
  type: 'template',
  altText: 'A choice',
  template,
  ...fields,
})
const buttons = (fields = {}) => template({ type: 'buttons', text: 'Choose', actions: [link], ...fields })
const confirm = (fields = {}) =>
  template({ type: 'confirm', text: 'Sure?', actions: [link, link], ...fields })
const column = (fields = {}) => ({ text: 'Card', actions: [link], ...fields })
const carousel = (...columns: object[]) => template({ type: 'carousel', columns })
const images = (count: number, action = {}) =>
  template({
    type: 'image_carousel',
    columns: times(count, () => ({ imageUrl: url(), action: { ...link, ...action } })),
  })
export const flex = (contents: object, fields = {}) => ({
  type: 'flex',
  altText: 'Card',
  contents,
  ...fields,
})
const body = (...contents: object[]) => ({
  type: 'bubble',
  body: { type: 'box', layout: 'vertical', contents },
})
export const part = (component: object) => flex(body(component))
const words = (length: number) => ({ type: 'text', text: 'x'.repeat(length) })
/** A container that is exactly so many bytes of JSON. */
const sized = (wrap: (text: object) => object, bytes: number) =>
  wrap(words(bytes - JSON.stringify(wrap(words(0))).length))
const twoBubbles = (text: object) => ({ type: 'carousel', contents: [body(text), body()] })
export const mention = { type: 'mention', mentionee: { type: 'user', userId: 'U1' } }
const smile = { type: 'emoji', productId: 'p', emojiId: '1' }
const named = (count: number, value: object) => Object.fromEntries(times(count, (i) => [`n${i}`, value]))

export const edges: [limit: string, allowed: object, refused: object, error: RegExp][] = [
  [
    'text',
    text({ text: '😀'.repeat(2500) }),
    text({ text: 'x'.repeat(5001) }),
    /^message\.text: has 5001 characters; LINE takes at most 5000\.$/,
  ],
  ['no text', text({ text: ' ' }), text({ text: '' }), /^message\.text: is empty\.$/],
  ['missing text', text(), { type: 'text' }, /^message\.text: is missing; LINE takes a string\.$/],
  ['text type', text(), text({ text: 5 }), /text: is 5; LINE takes a string/],
  [
    'emojis',
    text({ text: '$'.repeat(20), emojis: times(20, (index) => ({ ...smile, index })) }),
    text({ text: '$'.repeat(21), emojis: times(21, (index) => ({ ...smile, index })) }),
    /emojis: has 21 items; LINE takes at most 20/,
  ],
  [
    'emoji place',
    text({ text: 'a$', emojis: [{ ...smile, index: 1 }] }),
    text({ text: 'a$', emojis: [{ ...smile, index: 0 }] }),
    /emojis\[0\]\.index: is 0, where the text has no "\$"/,
  ],
  ['quote token', text({ quoteToken: 'q' }), text({ quoteToken: '' }), /quoteToken: is empty/],
  [
    'quick replies',
    text({ quickReply: { items: times(13, () => ({ type: 'action', action: link })) } }),
    text({ quickReply: { items: times(14, () => ({ type: 'action', action: link })) } }),
    /message\.quickReply\.items: has 14 items; LINE takes at most 13/,
  ],
  [
    'quick reply type',
    quick(),
    quick({ type: 'button' }),
    /items\[0\]\.type: is "button"; LINE takes "action"/,
  ],
  [
    'quick reply image',
    quick({ imageUrl: url(2000) }),
    quick({ imageUrl: url(2001) }),
    /imageUrl: has 2001 characters; LINE takes at most 2000/,
  ],
  [
    'quick reply label',
    quick({}, { label: family.repeat(20) }),
    quick({}, { label: family.repeat(21) }),
    /label: has 21 characters; LINE takes at most 20/,
  ],
  ['quick reply without a label', quick(), quick({}, { label: undefined }), /action\.label: is missing/],
  [
    'sender name',
    text({ sender: { name: 'x'.repeat(20) } }),
    text({ sender: { name: 'x'.repeat(21) } }),
    /sender\.name: has 21 characters; LINE takes at most 20/,
  ],
  [
    'sender called LINE',
    text({ sender: { name: 'Online' } }),
    text({ sender: { name: 'LINE Pay' } }),
    /sender\.name: must not contain "LINE"/,
  ],
  [
    'sender icon',
    text({ sender: { iconUrl: url(2000) } }),
    text({ sender: { iconUrl: url(2001) } }),
    /iconUrl: has 2001/,
  ],
  [
    'textV2 text',
    v2('x'.repeat(5000)),
    v2('x'.repeat(5001)),
    /text: has 5001 characters; LINE takes at most 5000/,
  ],
  [
    'textV2 placeholders',
    v2('{{no}} {{{a}}} {a}', { a: smile }),
    v2('{a} {b}', { a: smile }),
    /text: has the placeholder \{b\}, which substitution does not name/,
  ],
  ['textV2 braces', v2('{{ }}'), v2('a { b'), /text: has a lone \{ at 2; write \{\{ and \}\}/],
  [
    'substitution names',
    v2('x', { ['a'.repeat(20)]: smile }),
    v2('x', { ['a'.repeat(21)]: smile }),
    /substitution: has a name that is not 1 to 20/,
  ],
  [
    'substitution name letters',
    v2('x', { a_1: smile }),
    v2('x', { 'a-1': smile }),
    /substitution: has a name/,
  ],
  [
    'mentions',
    v2('x', named(20, mention)),
    v2('x', named(21, mention)),
    /substitution: has 21 of type "mention"; LINE takes at most 20/,
  ],
  [
    'emojis of textV2',
    v2('x', named(20, smile)),
    v2('x', named(21, smile)),
    /has 21 of type "emoji"; LINE takes at most 20/,
  ],
  [
    'mentionee',
    v2('x', { a: { type: 'mention', mentionee: { type: 'all' } } }),
    v2('x', { a: { type: 'mention', mentionee: { type: 'user' } } }),
    /substitution\.a\.mentionee\.userId: is missing/,
  ],
  [
    'sticker',
    { type: 'sticker', packageId: '1', stickerId: '2' },
    { type: 'sticker', packageId: '1', stickerId: 2 },
    /stickerId: is 2; LINE takes a string/,
  ],
  [
    'image URL',
    image({ originalContentUrl: url(2000) }),
    image({ originalContentUrl: url(2001) }),
    /originalContentUrl: has 2001 characters; LINE takes at most 2000/,
  ],
  [
    'preview URL',
    image({ previewImageUrl: url(2000) }),
    image({ previewImageUrl: 'http://example.com/a.png' }),
    /previewImageUrl: must be a URL that begins with https:/,
  ],
  [
    'URL letters',
    image({ originalContentUrl: 'https://example.com/%E5%86%99' }),
    image({ originalContentUrl: 'https://example.com/写真' }),
    /originalContentUrl: has characters that a URL can't have/,
  ],
  [
    'video URL',
    video({ originalContentUrl: url(2000) }),
    video({ originalContentUrl: url(2001) }),
    /originalContentUrl: has 2001/,
  ],
  [
    'tracking id',
    video({ trackingId: 'x'.repeat(100) }),
    video({ trackingId: 'x'.repeat(101) }),
    /trackingId: has 101 characters; LINE takes at most 100/,
  ],
  [
    'audio URL',
    audio({ originalContentUrl: url(2000) }),
    audio({ originalContentUrl: url(2001) }),
    /originalContentUrl: has 2001/,
  ],
  [
    'audio duration',
    audio({ duration: 0 }),
    audio({ duration: 0.5 }),
    /duration: is 0\.5; LINE takes a whole number/,
  ],
  [
    'location title',
    place({ title: 'x'.repeat(100) }),
    place({ title: 'x'.repeat(101) }),
    /title: has 101 characters; LINE takes at most 100/,
  ],
  [
    'location address',
    place({ address: 'x'.repeat(100) }),
    place({ address: 'x'.repeat(101) }),
    /address: has 101/,
  ],
  [
    'latitude',
    place({ latitude: 0 }),
    place({ latitude: '35.1' }),
    /latitude: is "35\.1"; LINE takes a number/,
  ],
  ['coupon', coupon(), coupon({ couponId: '' }), /couponId: is empty/],
  [
    'delivery tag',
    coupon({ deliveryTag: 'x'.repeat(30) }),
    coupon({ deliveryTag: 'x'.repeat(31) }),
    /deliveryTag: must be 1 to 30 of/,
  ],
  [
    'delivery tag letters',
    coupon({ deliveryTag: 'a_1' }),
    coupon({ deliveryTag: 'a-1' }),
    /deliveryTag: must be 1 to 30 of/,
  ],
  ['imagemap URL', imagemap({ baseUrl: url(2000) }), imagemap({ baseUrl: url(2001) }), /baseUrl: has 2001/],
  [
    'imagemap extension',
    imagemap(),
    imagemap({ baseUrl: 'https://example.com/map.png' }),
    /baseUrl: must have no extension/,
  ],
  [
    'imagemap altText',
    imagemap({ altText: 'x'.repeat(1500) }),
    imagemap({ altText: 'x'.repeat(1501) }),
    /altText: has 1501 characters; LINE takes at most 1500/,
  ],
  [
    'imagemap width',
    imagemap(),
    imagemap({ baseSize: { width: 700, height: 1 } }),
    /baseSize\.width: is 700; LINE takes 1040/,
  ],
  [
    'imagemap actions',
    imagemap({ actions: times(50, () => ({ type: 'uri', linkUri: url(), area })) }),
    imagemap({ actions: times(51, () => ({ type: 'uri', linkUri: url(), area })) }),
    /actions: has 51 items; LINE takes at most 50/,
  ],
  [
    'imagemap link',
    mapAction({ type: 'uri', linkUri: url(1000) }),
    mapAction({ type: 'uri', linkUri: url(1001) }),
    /linkUri: has 1001/,
  ],
  [
    'imagemap message',
    mapAction({ type: 'message', text: 'x'.repeat(400) }),
    mapAction({ type: 'message', text: 'x'.repeat(401) }),
    /actions\[0\]\.text: has 401 characters; LINE takes at most 400/,
  ],
  [
    'imagemap clipboard',
    mapAction({ type: 'clipboard', clipboardText: 'x'.repeat(1000) }),
    mapAction({ type: 'clipboard', clipboardText: 'x'.repeat(1001) }),
    /clipboardText: has 1001/,
  ],
  [
    'imagemap label',
    mapAction({ ...link, linkUri: url(), label: 'x'.repeat(100) }),
    mapAction({ ...link, linkUri: url(), label: 'x'.repeat(101) }),
    /label: has 101 characters; LINE takes at most 100/,
  ],
  [
    'imagemap area',
    mapAction({ type: 'message', text: 'x' }),
    mapAction({ type: 'message', text: 'x', area: { x: 0, y: 0, width: 1 } }),
    /area\.height: is missing/,
  ],
  [
    'imagemap video',
    mapVideo(),
    mapVideo({ originalContentUrl: 'http://a' }),
    /video\.originalContentUrl: must be a URL/,
  ],
  [
    'imagemap video label',
    mapVideo({}, { label: 'x'.repeat(30) }),
    mapVideo({}, { label: 'x'.repeat(31) }),
    /externalLink\.label: has 31 characters; LINE takes at most 30/,
  ],
  [
    'template altText',
    template({ type: 'confirm', text: 'x', actions: [link, link] }, { altText: 'x'.repeat(1500) }),
    template({ type: 'confirm', text: 'x', actions: [link, link] }, { altText: 'x'.repeat(1501) }),
    /altText: has 1501/,
  ],
  [
    'buttons',
    buttons({ actions: times(4, () => link) }),
    buttons({ actions: times(5, () => link) }),
    /template\.actions: has 5 items; LINE takes at most 4/,
  ],
  [
    'no buttons',
    buttons(),
    buttons({ actions: [] }),
    /template\.actions: has 0 items; LINE takes at least 1/,
  ],
  [
    'buttons title',
    buttons({ title: family.repeat(40) }),
    buttons({ title: family.repeat(41) }),
    /title: has 41 characters; LINE takes at most 40/,
  ],
  [
    'buttons text',
    buttons({ text: family.repeat(160) }),
    buttons({ text: 'x'.repeat(161) }),
    /template\.text: has 161 characters; LINE takes at most 160/,
  ],
  [
    'buttons text with a title',
    buttons({ title: 'T', text: 'x'.repeat(60) }),
    buttons({ title: 'T', text: 'x'.repeat(61) }),
    /text: has 61 characters; LINE takes at most 60 beside an image or a title/,
  ],
  [
    'buttons text with an image',
    buttons({ thumbnailImageUrl: url(2000), text: 'x'.repeat(60) }),
    buttons({ thumbnailImageUrl: url(), text: 'x'.repeat(61) }),
    /at most 60 beside an image/,
  ],
  [
    'buttons image',
    buttons({ thumbnailImageUrl: url(2000) }),
    buttons({ thumbnailImageUrl: url(2001) }),
    /thumbnailImageUrl: has 2001/,
  ],
  [
    'image size',
    buttons({ imageSize: 'contain', imageAspectRatio: 'square' }),
    buttons({ imageSize: 'huge' }),
    /imageSize: is "huge"; LINE takes "cover", "contain"/,
  ],
  [
    'buttons label',
    buttons({ actions: [{ ...link, label: family.repeat(20) }] }),
    buttons({ actions: [{ ...link, label: 'x'.repeat(21) }] }),
    /actions\[0\]\.label: has 21 characters; LINE takes at most 20/,
  ],
  [
    'buttons without a label',
    buttons({ defaultAction: { type: 'uri', uri: url() } }),
    buttons({ actions: [{ type: 'uri', uri: url() }] }),
    /actions\[0\]\.label: is missing/,
  ],
  [
    'confirm text',
    confirm({ text: family.repeat(240) }),
    confirm({ text: 'x'.repeat(241) }),
    /text: has 241 characters; LINE takes at most 240/,
  ],
  [
    'confirm actions',
    confirm(),
    confirm({ actions: [link, link, link] }),
    /actions: has 3 items; LINE takes at most 2/,
  ],
  [
    'confirm with one action',
    confirm(),
    confirm({ actions: [link] }),
    /actions: has 1 items; LINE takes at least 2/,
  ],
  [
    'columns',
    carousel(...times(10, () => column())),
    carousel(...times(11, () => column())),
    /columns: has 11 items; LINE takes at most 10/,
  ],
  [
    'column text',
    carousel(column({ text: family.repeat(120) })),
    carousel(column({ text: 'x'.repeat(121) })),
    /columns\[0\]\.text: has 121 characters; LINE takes at most 120/,
  ],
  [
    'column text with a title',
    carousel(column({ title: 'T', text: 'x'.repeat(60) })),
    carousel(column({ title: 'T', text: 'x'.repeat(61) })),
    /columns\[0\]\.text: has 61 characters; LINE takes at most 60/,
  ],
  [
    'column title',
    carousel(column({ title: 'x'.repeat(40) })),
    carousel(column({ title: 'x'.repeat(41) })),
    /title: has 41/,
  ],
  [
    'column actions',
    carousel(column({ actions: [link, link, link] })),
    carousel(column({ actions: times(4, () => link) })),
    /actions: has 4 items; LINE takes at most 3/,
  ],
  [
    'equal actions',
    carousel(column(), column()),
    carousel(column(), column({ actions: [link, link] })),
    /columns\[1\]: differs in the number of actions from the first column/,
  ],
  [
    'equal images',
    carousel(column({ thumbnailImageUrl: url() }), column({ thumbnailImageUrl: url() })),
    carousel(column(), column({ thumbnailImageUrl: url() })),
    /columns\[1\]: differs in the presence of an image/,
  ],
  [
    'equal titles',
    carousel(column({ title: 'A' }), column({ title: 'B' })),
    carousel(column({ title: 'A' }), column()),
    /columns\[1\]: differs in the presence of a title/,
  ],
  ['image columns', images(10), images(11), /columns: has 11 items; LINE takes at most 10/],
  [
    'image column label',
    images(1, { label: family.repeat(12) }),
    images(1, { label: 'x'.repeat(13) }),
    /label: has 13 characters; LINE takes at most 12/,
  ],
  [
    'image column without a label',
    images(1, { label: undefined }),
    images(1, { uri: undefined }),
    /uri: is missing/,
  ],
  [
    'flex altText',
    flex(body(), { altText: 'x'.repeat(1500) }),
    flex(body(), { altText: 'x'.repeat(1501) }),
    /altText: has 1501/,
  ],
  [
    'bubble bytes',
    flex(sized(body, 30 * 1024)),
    flex(sized(body, 30 * 1024 + 1)),
    /contents: is 30721 bytes of JSON; LINE takes at most 30 KB \(30720\) in a bubble/,
  ],
  [
    'carousel bytes',
    flex(sized(twoBubbles, 50 * 1024)),
    flex(sized(twoBubbles, 50 * 1024 + 1)),
    /51201 bytes of JSON; LINE takes at most 50 KB/,
  ],
  [
    'bubbles',
    flex({ type: 'carousel', contents: times(12, () => body()) }),
    flex({ type: 'carousel', contents: times(13, () => body()) }),
    /contents\.contents: has 13 items; LINE takes at most 12/,
  ],
  [
    'bubble sizes',
    flex({ type: 'carousel', contents: [{ ...body(), size: 'mega' }, body()] }),
    flex({ type: 'carousel', contents: [{ ...body(), size: 'kilo' }, body()] }),
    /bubbles of the sizes kilo, mega/,
  ],
  [
    'bubble size',
    flex({ ...body(), size: 'giga' }),
    flex({ ...body(), size: 'huge' }),
    /contents\.size: is "huge"; LINE takes "nano"/,
  ],
  [
    'flex button label',
    part({ type: 'button', action: { ...link, label: family.repeat(40) } }),
    part({ type: 'button', action: { ...link, label: 'x'.repeat(41) } }),
    /action\.label: has 41 characters; LINE takes at most 40/,
  ],
  [
    'flex button without a label',
    part({ type: 'image', url: url(), action: { type: 'uri', uri: url() } }),
    part({ type: 'button', action: { type: 'uri', uri: url() } }),
    /contents\.body\.contents\[0\]\.action\.label: is missing/,
  ],
  [
    'animated images',
    flex(body(...times(10, () => ({ type: 'image', url: url(), animated: true })))),
    flex(body(...times(11, () => ({ type: 'image', url: url(), animated: true })))),
    /has 11 animated images; LINE takes at most 10/,
  ],
  [
    'flex image URL',
    part({ type: 'image', url: url(2000) }),
    part({ type: 'image', url: url(2001) }),
    /url: has 2001/,
  ],
  [
    'flex box',
    part({ type: 'box', layout: 'baseline', contents: [] }),
    part({ type: 'box', contents: [] }),
    /layout: is missing/,
  ],
  [
    'inner flex box',
    part({ type: 'box', layout: 'vertical', contents: [{ type: 'filler' }] }),
    part({ type: 'box', layout: 'vertical', contents: [{ type: 'icon', url: 'http://a' }] }),
    /body\.contents\[0\]\.contents\[0\]\.url: must be a URL/,
  ],
  [
    'flex video',
    part({ type: 'video', url: url(), previewUrl: url(), altContent: { type: 'image', url: url() } }),
    part({ type: 'video', url: url(), previewUrl: url() }),
    /altContent: is missing/,
  ],
]

export const actionEdges: [
  limit: string,
  place: LineActionPlace,
  allowed: object,
  refused: object,
  error: RegExp,
][] = [
  [
    'postback data',
    'template',
    { type: 'postback', data: 'x'.repeat(300) },
    { type: 'postback', data: 'x'.repeat(301) },
    /^action\.data: has 301 characters; LINE takes at most 300\.$/,
  ],
  [
    'displayText',
    'template',
    { type: 'postback', data: 'x', displayText: family.repeat(300) },
    { type: 'postback', data: 'x', displayText: 'x'.repeat(301) },
    /displayText: has 301/,
  ],
  [
    'postback text',
    'template',
    { type: 'postback', data: 'x', text: 'x' },
    { type: 'postback', data: 'x', text: 'x', displayText: 'x' },
    /action\.text: can't stand beside displayText/,
  ],
  [
    'inputOption',
    'template',
    { type: 'postback', data: 'x', inputOption: 'openVoice' },
    { type: 'postback', data: 'x', inputOption: 'openDoor' },
    /inputOption: is "openDoor"; LINE takes "closeRichMenu"/,
  ],
  [
    'fillInText',
    'template',
    { type: 'postback', data: 'x', inputOption: 'openKeyboard', fillInText: 'x'.repeat(300) },
    { type: 'postback', data: 'x', inputOption: 'openKeyboard', fillInText: 'x'.repeat(301) },
    /fillInText: has 301/,
  ],
  [
    'fillInText alone',
    'template',
    { type: 'postback', data: 'x', inputOption: 'openKeyboard', fillInText: 'x' },
    { type: 'postback', data: 'x', fillInText: 'x' },
    /fillInText: needs inputOption "openKeyboard"/,
  ],
  [
    'message text',
    'template',
    { type: 'message', text: family.repeat(300) },
    { type: 'message', text: 'x'.repeat(301) },
    /text: has 301 characters; LINE takes at most 300/,
  ],
  [
    'uri',
    'template',
    { type: 'uri', uri: url(1000) },
    { type: 'uri', uri: url(1001) },
    /uri: has 1001 characters; LINE takes at most 1000/,
  ],
  [
    'uri scheme',
    'template',
    { type: 'uri', uri: 'tel:+81-3-0000-0000' },
    { type: 'uri', uri: 'ftp://example.com' },
    /uri: must be a URL that begins with http:, https:, line:, tel:/,
  ],
  [
    'altUri',
    'template',
    { type: 'uri', uri: url(), altUri: { desktop: url(1000) } },
    { type: 'uri', uri: url(), altUri: { desktop: url(1001) } },
    /altUri\.desktop: has 1001/,
  ],
  [
    'clipboardText',
    'template',
    { type: 'clipboard', clipboardText: 'x'.repeat(1000) },
    { type: 'clipboard', clipboardText: 'x'.repeat(1001) },
    /clipboardText: has 1001/,
  ],
  [
    'datetimepicker data',
    'template',
    { type: 'datetimepicker', mode: 'date', data: 'x'.repeat(300) },
    { type: 'datetimepicker', mode: 'date', data: 'x'.repeat(301) },
    /data: has 301/,
  ],
  [
    'datetimepicker mode',
    'template',
    { type: 'datetimepicker', mode: 'time', data: 'x' },
    { type: 'datetimepicker', mode: 'month', data: 'x' },
    /mode: is "month"; LINE takes "date", "time", "datetime"/,
  ],
  [
    'date',
    'template',
    {
      type: 'datetimepicker',
      mode: 'date',
      data: 'x',
      initial: '2028-02-29',
      min: '1900-01-01',
      max: '2100-12-31',
    },
    { type: 'datetimepicker', mode: 'date', data: 'x', initial: '2027-02-29' },
    /initial: must be like "2026-10-01"/,
  ],
  [
    'first year',
    'template',
    { type: 'datetimepicker', mode: 'date', data: 'x', min: '1900-01-01' },
    { type: 'datetimepicker', mode: 'date', data: 'x', min: '1899-12-31' },
    /min: must be like/,
  ],
  [
    'last year',
    'template',
    { type: 'datetimepicker', mode: 'datetime', data: 'x', max: '2100-12-31t23:59' },
    { type: 'datetimepicker', mode: 'datetime', data: 'x', max: '2101-01-01T00:00' },
    /max: must be like "2026-10-01T10:30", from 1900 to 2100/,
  ],
  [
    'time',
    'template',
    { type: 'datetimepicker', mode: 'time', data: 'x', initial: '23:59' },
    { type: 'datetimepicker', mode: 'time', data: 'x', initial: '24:00' },
    /initial: must be like "10:30"/,
  ],
  [
    'form of the mode',
    'template',
    { type: 'datetimepicker', mode: 'datetime', data: 'x', initial: '2026-10-01T10:30' },
    { type: 'datetimepicker', mode: 'datetime', data: 'x', initial: '2026-10-01' },
    /initial: must be like/,
  ],
  [
    'order',
    'template',
    { type: 'datetimepicker', mode: 'time', data: 'x', min: '09:00', max: '09:01' },
    { type: 'datetimepicker', mode: 'time', data: 'x', min: '09:00', max: '09:00' },
    /max: must be later than min/,
  ],
  [
    'rich menu label',
    'richmenu',
    { type: 'message', text: 'x', label: family.repeat(20) },
    { type: 'message', text: 'x', label: 'x'.repeat(21) },
    /label: has 21/,
  ],
  [
    'alias',
    'richmenu',
    { type: 'richmenuswitch', richMenuAliasId: 'a'.repeat(32), data: 'x' },
    { type: 'richmenuswitch', richMenuAliasId: 'a'.repeat(33), data: 'x' },
    /richMenuAliasId: must be 1 to 32 of/,
  ],
  [
    'richmenuswitch data',
    'richmenu',
    { type: 'richmenuswitch', richMenuAliasId: 'a', data: 'x'.repeat(300) },
    { type: 'richmenuswitch', richMenuAliasId: 'a', data: 'x'.repeat(301) },
    /data: has 301/,
  ],
]
