import { mentionedIn } from './lineworks-mention'
import { type Rule, eitherOf, invalid, isRecord, join, notBoth, number, record, rulesOf } from './rules'

const who = 'LINE WORKS'
const { text, url, list, jsonSize, oneOf, byType } = rulesOf({ who })
const anyText = text(Infinity)
const long = text(1000)
const httpsUrl = url(1000)
/** Any scheme: the documents name none. */
const uri = url(1000, [])
const language = oneOf('ja_JP', 'ko_KR', 'zh_CN', 'zh_TW', 'en_US')

/** A list of `{ language, [field] }` [doc bot-send-text@kr]. */
const translated = (field: string, rule: Rule) => list(record({ language, [field]: rule }), 1, 5)

/** `{ title: rule }` and its translations in `i18nTitles`. */
const inLanguages = (field: string, rule: Rule, optional = false): Record<string, Rule> => ({
  [optional ? `${field}?` : field]: rule,
  [`i18n${field.charAt(0).toUpperCase()}${field.slice(1)}s?`]: translated(field, rule),
})

/** Actions of [doc bot-actionobject], with labels of at most so many characters; undefined: the label may be missing. */
function actionsOf(label: Rule, optional = false): Record<string, Rule> {
  const labels = inLanguages('label', label, optional)
  return {
    message: record({ ...labels, ...inLanguages('text', text(300), true), 'postback?': long }),
    uri: record({ ...labels, uri }),
    copy: record({ ...labels, copyText: long }),
    postback: record({ ...labels, data: text(300), ...inLanguages('displayText', text(300), true) }),
  }
}

const { postback, ...buttons } = actionsOf(text(20))
const button = byType(buttons)
const cardAction = byType({ ...buttons, postback: postback ?? anyText })
const bareAction = byType(actionsOf(text(20), true))
const phone = record(inLanguages('label', text(20)))
const quickReplyAction = byType({
  ...buttons,
  postback: record({ displayText: text(300) }, postback ?? anyText),
  camera: phone,
  cameraRoll: phone,
  location: phone,
})

const quickReplyItem = record(
  {
    action: quickReplyAction,
    'imageUrl?': httpsUrl,
    'imageResourceId?': anyText,
    'i18nImageUrl?': translated('thumbnailImageUrl', httpsUrl),
    'i18nImageResourceIds?': translated('imageResourceId', anyText),
  },
  notBoth('imageUrl', 'imageResourceId'),
)

/** A picture of a row or column, if any. */
const picture = {
  ...inLanguages('originalContentUrl', httpsUrl, true),
  ...inLanguages('fileId', anyText, true),
}
const oneSource = eitherOf(['originalContentUrl'], ['fileId'])
const previewed = record(
  { 'previewImageUrl?': httpsUrl, 'originalContentUrl?': httpsUrl, 'fileId?': anyText },
  eitherOf(['previewImageUrl', 'originalContentUrl'], ['fileId']),
)
const sourced = record({ 'originalContentUrl?': httpsUrl, 'fileId?': anyText }, oneSource)

const cover = record(
  {
    ...inLanguages('backgroundImageUrl', httpsUrl, true),
    ...inLanguages('backgroundFileId', anyText, true),
    ...inLanguages('title', long, true),
    ...inLanguages('subtitle', long, true),
  },
  eitherOf(['backgroundImageUrl'], ['backgroundFileId']),
)
const element = record(
  { ...picture, ...inLanguages('title', long), ...inLanguages('subtitle', long, true), 'action?': button },
  notBoth('originalContentUrl', 'fileId'),
)

const column = record(
  {
    ...picture,
    ...inLanguages('title', text(40), true),
    ...inLanguages('text', text(120)),
    'defaultAction?': bareAction,
    actions: list(cardAction, 1, 3),
  },
  notBoth('originalContentUrl', 'fileId'),
  headedText,
)

function headedText(value: unknown, path: string): void {
  if (!isRecord(value) || (value.title === undefined && !hasPicture(value))) return
  record(inLanguages('text', text(60)))(value, path)
}

function hasPicture({ originalContentUrl, fileId }: Record<string, unknown>): boolean {
  return originalContentUrl !== undefined || fileId !== undefined
}

const sameInAllColumns: Rule = (content, path) => {
  const { columns } = content as { columns: Record<string, unknown>[] }
  const traits: [string, (column: Record<string, unknown>) => unknown][] = [
    ['number of actions', ({ actions }) => (actions as unknown[]).length],
    ['title', ({ title }) => title === undefined],
    ['picture', (each) => hasPicture(each)],
  ]
  for (const [name, trait] of traits) {
    const at = columns.findIndex((each) => trait(each) !== trait(columns[0] ?? {}))
    if (at < 0) continue
    const need = name === 'number of actions' ? 'the same number of actions' : `a ${name}, or none has one`
    throw invalid(join(path, `columns[${at}]`), `All columns need ${need}.`)
  }
}

const imageColumn = record(
  { ...picture, 'action?': byType(actionsOf(text(12))) },
  eitherOf(['originalContentUrl'], ['fileId']),
)

// Flexible template [doc bot-send-flex-*]

/** English pages say 30 KB for both, the Japanese one of the carousel 15 KB [doc bot-send-flex-bubble, -carousel]. */
const flexSize = jsonSize(30 * 1024)
const span = byType({ span: record({ text: anyText }) })
const flexText = record(
  { 'text?': anyText, 'contents?': list(span, 1, Infinity), 'action?': bareAction },
  (value, path) => {
    const { text: said, contents } = value as Record<string, unknown>
    if (said === undefined && contents === undefined) throw invalid(path, 'Give either text or contents.')
  },
)
const flexImage = record({ url: httpsUrl, 'action?': bareAction })
const flexButton = record({ action: bareAction })
const anything = record({})

/** What stands in a box depends on its layout [doc bot-send-flex-box]. */
const flexBox: Rule = (value, path) => {
  record({ layout: oneOf('horizontal', 'vertical', 'baseline'), 'action?': bareAction })(value, path)
  const { layout } = value as { layout: string }
  const inline = { text: flexText, filler: anything }
  const component =
    layout === 'baseline'
      ? byType({ ...inline, icon: record({ url: httpsUrl }) })
      : byType({ ...inline, box: flexBox, button: flexButton, image: flexImage, separator: anything })
  record({ contents: list(component, 0, Infinity) })(value, path)
}

const box = byType({ box: flexBox })
const bubble = record({
  'size?': oneOf('nano', 'micro', 'kilo', 'mega', 'giga'),
  'direction?': oneOf('ltr', 'rtl'),
  'header?': box,
  'hero?': byType({ box: flexBox, image: flexImage }),
  'body?': box,
  'footer?': box,
  'action?': bareAction,
})
const container = byType({
  bubble: record({}, bubble, flexSize),
  carousel: record({ contents: list(byType({ bubble }), 1, 10) }, sameBubbleSize, flexSize),
})

function sameBubbleSize(value: unknown, path: string): void {
  const { contents } = value as { contents: { size?: string }[] }
  const sizeOf = ({ size = 'mega' }: { size?: string }) => size
  const at = contents.findIndex((each) => sizeOf(each) !== sizeOf(contents[0] ?? {}))
  if (at >= 0)
    throw invalid(join(path, `contents[${at}].size`), 'All bubbles of a carousel need the same size.')
}

// Contents: sheet sections 4.1 and 4.2 [doc bot-send-content]

const types: Record<string, Rule> = {
  text: record(inLanguages('text', text(2000)), mentions('text', 'i18nTexts')),
  sticker: record({ packageId: anyText, stickerId: anyText }),
  image: previewed,
  video: previewed,
  audio: sourced,
  file: sourced,
  link: record(
    { ...inLanguages('contentText', long), ...inLanguages('linkText', long), link: uri },
    mentions('contentText', 'i18nContentTexts'),
  ),
  location: record({
    title: text(100),
    address: text(100),
    latitude: number(-90, 90),
    longitude: number(-180, 180),
  }),
  button_template: record(
    { ...inLanguages('contentText', long), actions: list(button, 1, 10) },
    mentions('contentText', 'i18nContentTexts'),
  ),
  list_template: record({
    'coverData?': cover,
    elements: list(element, 1, 4),
    'actions?': list(list(button, 1, 2), 1, 2),
  }),
  carousel: record(
    {
      'imageAspectRatio?': oneOf('rectangle', 'square'),
      'imageSize?': oneOf('cover', 'contain'),
      columns: list(column, 1, 10),
    },
    sameInAllColumns,
  ),
  image_carousel: record({ columns: list(imageColumn, 1, 10) }),
  flex: record({ altText: text(400), contents: container }, flexMentions),
}

/** At most 50 people, and the same in all languages [doc bot-mention]. */
function mentions(field: string, translations: string): Rule {
  return (value, path) => {
    const content = value as Record<string, unknown>
    const people = mentionedIn(String(content[field]))
    atMostFifty(people, join(path, field))
    const others = (content[translations] ?? []) as Record<string, string>[]
    const at = others.findIndex((other) => !sameSet(people, mentionedIn(other[field] ?? '')))
    if (at >= 0) {
      throw invalid(
        join(path, `${translations}[${at}].${field}`),
        'All languages must mention the same people.',
      )
    }
  }
}

function flexMentions(value: unknown, path: string): void {
  // Unescaped, as the tags have quotes.
  atMostFifty(mentionedIn(JSON.stringify(value).replaceAll('\\"', '"')), path)
}

function atMostFifty(people: string[], path: string): void {
  if (people.length > 50) throw invalid(path, `There are ${people.length} mentions, ${who} takes at most 50.`)
}

function sameSet(some: string[], others: string[]): boolean {
  return some.every((each) => others.includes(each)) && others.every((each) => some.includes(each))
}

/** A content of a type that this version knows. */
export function isKnownContent({ type }: Record<string, unknown>): boolean {
  return typeof type === 'string' && Object.hasOwn(types, type)
}

const content = byType(types)
const common = record({ 'quickReply?': record({ items: list(quickReplyItem, 1, 13) }) })

/**
 * Throws `message_invalid` with field, value and limit for a content that LINE WORKS would refuse.
 * @param place where it goes; mentions of everybody work in channels only
 */
export function checkLineworksContent(value: unknown, path = '', place?: 'user' | 'channel'): void {
  content(value, path)
  common(value, path)
  if (place === 'user' && JSON.stringify(value).includes('<m userId=\\"all\\">')) {
    throw invalid(path, 'Everybody (all) can be mentioned in channels only.')
  }
}

const menuActions = { persistentMenu: button, richMenu: cardAction }

/**
 * The same for an action of a menu: persistent menus take no postbacks [doc bot-actionobject, bot-menu].
 * @throws HooklineError `message_invalid` that names the field, its value and the limit.
 */
export function checkLineworksAction(
  action: unknown,
  place: keyof typeof menuActions,
  path = 'action',
): void {
  menuActions[place](action, path)
}
