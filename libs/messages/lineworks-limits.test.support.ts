import { mention } from './lineworks-mention'
import { https, letters, times } from './rules.test.support'

type Make = (n: number) => Record<string, unknown>

export const uri = { type: 'uri', label: 'x', uri: 'https://e.com' }
export const png = https(20)
export const inText = (change: object) => ({ type: 'text', text: 'x', ...change })
export const quick = (item: object) => inText({ quickReply: { items: [item] } })
export const button = (action: object) => ({ type: 'button_template', contentText: 'x', actions: [action] })
export const card = (column: object, ...more: object[]) => ({
  type: 'carousel',
  columns: [{ text: 'x', actions: [uri], ...column }, ...more],
})
export const element = (change: object) => ({ type: 'list_template', elements: [{ title: 'x', ...change }] })
export const cover = (change: object) => ({
  ...element({}),
  coverData: { backgroundImageUrl: png, ...change },
})
export const flex = (contents: object) => ({ type: 'flex', altText: 'x', contents })
export const bubble = (...contents: object[]) => ({
  type: 'bubble',
  body: { type: 'box', layout: 'vertical', contents },
})
/** A bubble whose JSON has so many bytes. */
const bubbleOf = (bytes: number) => {
  const empty = bubble({ type: 'text', text: '' })
  return bubble({ type: 'text', text: 'x'.repeat(bytes - JSON.stringify(empty).length) })
}
const carouselOf = (bytes: number) => {
  const shell = JSON.stringify({ type: 'carousel', contents: [] }).length
  return { type: 'carousel', contents: [bubbleOf(bytes - shell)] }
}

/** Every limit of the platform: what it takes at the edge, and which field is refused one above it. */
export const lineworksLimits: [what: string, max: number, make: Make, field: string][] = [
  ['text', 2000, (n) => ({ type: 'text', text: letters(n) }), 'text'],
  ['surrogate pairs as two', 1000, (n) => ({ type: 'text', text: '😀'.repeat(n) }), 'text'],
  [
    'i18nTexts',
    2000,
    (n) => inText({ i18nTexts: [{ language: 'en_US', text: letters(n) }] }),
    'i18nTexts[0].text',
  ],
  ['mentions', 50, (n) => ({ type: 'text', text: times(n, mention('u')).join('') }), 'text'],
  [
    'mentions of a flex',
    50,
    (n) => flex(bubble({ type: 'text', text: times(n, mention('u')).join('') })),
    '',
  ],
  [
    'image URL',
    1000,
    (n) => ({ type: 'image', previewImageUrl: png, originalContentUrl: https(n) }),
    'originalContentUrl',
  ],
  [
    'image preview URL',
    1000,
    (n) => ({ type: 'image', previewImageUrl: https(n), originalContentUrl: png }),
    'previewImageUrl',
  ],
  [
    'video URL',
    1000,
    (n) => ({ type: 'video', previewImageUrl: png, originalContentUrl: https(n) }),
    'originalContentUrl',
  ],
  ['audio URL', 1000, (n) => ({ type: 'audio', originalContentUrl: https(n) }), 'originalContentUrl'],
  ['file URL', 1000, (n) => ({ type: 'file', originalContentUrl: https(n) }), 'originalContentUrl'],
  [
    'link text',
    1000,
    (n) => ({ type: 'link', contentText: letters(n), linkText: 'x', link: png }),
    'contentText',
  ],
  [
    'link label',
    1000,
    (n) => ({ type: 'link', contentText: 'x', linkText: letters(n), link: png }),
    'linkText',
  ],
  ['link', 1000, (n) => ({ type: 'link', contentText: 'x', linkText: 'x', link: https(n) }), 'link'],
  [
    'location title',
    100,
    (n) => ({ type: 'location', title: letters(n), address: 'x', latitude: 1, longitude: 2 }),
    'title',
  ],
  [
    'location address',
    100,
    (n) => ({ type: 'location', title: 'x', address: letters(n), latitude: 1, longitude: 2 }),
    'address',
  ],
  [
    'button text',
    1000,
    (n) => ({ type: 'button_template', contentText: letters(n), actions: [uri] }),
    'contentText',
  ],
  ['buttons', 10, (n) => ({ type: 'button_template', contentText: 'x', actions: times(n, uri) }), 'actions'],
  ['label', 20, (n) => button({ ...uri, label: letters(n) }), 'actions[0].label'],
  [
    'label in a language',
    20,
    (n) => button({ ...uri, i18nLabels: [{ language: 'ja_JP', label: letters(n) }] }),
    'actions[0].i18nLabels[0].label',
  ],
  ['action text', 300, (n) => button({ type: 'message', label: 'x', text: letters(n) }), 'actions[0].text'],
  [
    'action postback',
    1000,
    (n) => button({ type: 'message', label: 'x', postback: letters(n) }),
    'actions[0].postback',
  ],
  ['action uri', 1000, (n) => button({ ...uri, uri: https(n) }), 'actions[0].uri'],
  [
    'copy text',
    1000,
    (n) => button({ type: 'copy', label: 'x', copyText: letters(n) }),
    'actions[0].copyText',
  ],
  ['cover picture', 1000, (n) => cover({ backgroundImageUrl: https(n) }), 'coverData.backgroundImageUrl'],
  ['cover title', 1000, (n) => cover({ title: letters(n) }), 'coverData.title'],
  ['cover subtitle', 1000, (n) => cover({ subtitle: letters(n) }), 'coverData.subtitle'],
  ['rows of a list', 4, (n) => ({ type: 'list_template', elements: times(n, { title: 'x' }) }), 'elements'],
  ['row title', 1000, (n) => element({ title: letters(n) }), 'elements[0].title'],
  ['row picture', 1000, (n) => element({ originalContentUrl: https(n) }), 'elements[0].originalContentUrl'],
  ['rows of buttons', 2, (n) => ({ ...element({}), actions: times(n, [uri]) }), 'actions'],
  ['buttons in a row', 2, (n) => ({ ...element({}), actions: [times(n, uri)] }), 'actions[0]'],
  ['columns', 10, (n) => ({ type: 'carousel', columns: times(n, { text: 'x', actions: [uri] }) }), 'columns'],
  ['column text', 120, (n) => card({ text: letters(n) }), 'columns[0].text'],
  ['column text beside a title', 60, (n) => card({ text: letters(n), title: 'x' }), 'columns[0].text'],
  [
    'column text beside a picture',
    60,
    (n) => card({ text: letters(n), originalContentUrl: png }),
    'columns[0].text',
  ],
  ['column text beside a file', 60, (n) => card({ text: letters(n), fileId: 'f' }), 'columns[0].text'],
  ['column title', 40, (n) => card({ title: letters(n) }), 'columns[0].title'],
  ['column picture', 1000, (n) => card({ originalContentUrl: https(n) }), 'columns[0].originalContentUrl'],
  ['column actions', 3, (n) => card({ actions: times(n, uri) }), 'columns[0].actions'],
  [
    'postback data',
    300,
    (n) => card({ actions: [{ type: 'postback', label: 'x', data: letters(n) }] }),
    'columns[0].actions[0].data',
  ],
  [
    'postback text',
    300,
    (n) => card({ actions: [{ type: 'postback', label: 'x', data: 'd', displayText: letters(n) }] }),
    'columns[0].actions[0].displayText',
  ],
  [
    'pictures of a carousel',
    10,
    (n) => ({ type: 'image_carousel', columns: times(n, { fileId: 'f' }) }),
    'columns',
  ],
  [
    'label in an image carousel',
    12,
    (n) => ({ type: 'image_carousel', columns: [{ fileId: 'f', action: { ...uri, label: letters(n) } }] }),
    'columns[0].action.label',
  ],
  ['alt text', 400, (n) => ({ ...flex(bubble()), altText: letters(n) }), 'altText'],
  ['bubbles', 10, (n) => flex({ type: 'carousel', contents: times(n, bubble()) }), 'contents.contents'],
  ['bytes of a bubble', 30 * 1024, (n) => flex(bubbleOf(n)), 'contents'],
  ['bytes of a flex carousel', 30 * 1024, (n) => flex(carouselOf(n)), 'contents'],
  [
    'flex image URL',
    1000,
    (n) => flex(bubble({ type: 'image', url: https(n) })),
    'contents.body.contents[0].url',
  ],
  [
    'quick replies',
    13,
    (n) => inText({ quickReply: { items: times(n, { action: uri }) } }),
    'quickReply.items',
  ],
  [
    'quick reply icon',
    1000,
    (n) => quick({ action: uri, imageUrl: https(n) }),
    'quickReply.items[0].imageUrl',
  ],
  [
    'quick reply label',
    20,
    (n) => quick({ action: { ...uri, label: letters(n) } }),
    'quickReply.items[0].action.label',
  ],
]
