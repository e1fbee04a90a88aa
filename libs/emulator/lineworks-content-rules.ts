import { isRecord } from './api-call'
import { fieldProblem, messageProblems, type FieldRule, type MessageRules, type Problem } from './field-rules'

/** What is wrong with a content, in LINE WORKS' codes. */
export interface ContentFault {
  code: 'MISSING_PARAMETER' | 'INVALID_PARAMETER'
  description: string
}

type Json = Record<string, unknown>
/** Looks into what a list or an object of a content holds. */
type Look = (value: Json, path: string) => ContentFault | undefined

const text = (field: string, max: number): FieldRule => ({ field, is: 'text', max })
const url = (field: string): FieldRule => ({ field, is: 'https', max: 1000 })
const number = (field: string): FieldRule => ({ field, is: 'number' })
const list = (field: string, min: number, max: number): FieldRule => ({ field, is: 'list', min, max })
const optional = (rule: FieldRule): FieldRule => ({ ...rule, optional: true })
const fileId = text('fileId', 1000)

/** Limits of sheet section 4.1 [doc bot-send-content]. */
const rules: MessageRules = {
  text: [[text('text', 2000)]],
  sticker: [[text('packageId', 100), text('stickerId', 100)]],
  image: [[url('previewImageUrl'), url('originalContentUrl')], [fileId]],
  video: [[url('previewImageUrl'), url('originalContentUrl')], [fileId]],
  audio: [[url('originalContentUrl')], [fileId]],
  file: [[url('originalContentUrl')], [fileId]],
  link: [[text('contentText', 1000), text('linkText', 1000), text('link', 1000)]],
  location: [[text('title', 100), text('address', 100), number('latitude'), number('longitude')]],
  button_template: [[text('contentText', 1000), list('actions', 1, 10)]],
  list_template: [
    [list('elements', 1, 4), optional(list('actions', 1, 2)), optional({ field: 'coverData', is: 'object' })],
  ],
  carousel: [[list('columns', 1, 10)]],
  image_carousel: [[list('columns', 1, 10)]],
  flex: [[text('altText', 400), { field: 'contents', is: 'object' }]],
}

const looks: Record<string, Look> = {
  image: oneSource,
  video: oneSource,
  audio: oneSource,
  file: oneSource,
  button_template: ({ actions }, path) =>
    each(actions, `${path}.actions`, (action, at) => actionFault(action, at)),
  list_template: listFault,
  carousel: carouselFault,
  image_carousel: ({ columns }, path) => each(columns, `${path}.columns`, imageColumnFault),
  flex: flexFault,
}

/** The translations that a content may have [doc bot-send-text@kr]. */
const translations: Record<string, FieldRule> = {
  i18nTexts: text('text', 2000),
  i18nContentTexts: text('contentText', 1000),
  i18nLinkTexts: text('linkText', 1000),
}
const languages = new Set<unknown>(['ja_JP', 'ko_KR', 'zh_CN', 'zh_TW', 'en_US'])

/** The first thing that is wrong with the body of a send; undefined when nothing is. */
export function lineworksContentFault(body: Json | undefined): ContentFault | undefined {
  const content = body?.content
  if (!isRecord(content)) return missing('content')
  if (content.type === undefined) return missing('content.type')
  const problems = messageProblems(content, rules, 'content')
  if (!problems) return invalid(`content.type ${JSON.stringify(content.type)} is not supported`)
  const [problem] = problems
  if (problem) return faultOf(problem)
  return (
    looks[content.type as string]?.(content, 'content') ??
    translationFault(content, 'content') ??
    mentionFault(content) ??
    quickReplyFault(content)
  )
}

/** `buttons`: what all templates take; cards and quick replies take postbacks too [doc bot-actionobject@en]. */
const actionFields: Record<string, FieldRule[]> = {
  message: [optional(text('text', 300)), optional(text('postback', 1000))],
  uri: [text('uri', 1000)],
  copy: [text('copyText', 1000)],
}
const postbackFields: Record<string, FieldRule[]> = {
  postback: [text('data', 300), optional(text('displayText', 300))],
}
const cardFields = { ...actionFields, ...postbackFields }
const quickReplyFields: Record<string, FieldRule[]> = {
  ...actionFields,
  postback: [text('data', 300), text('displayText', 300)],
  camera: [],
  cameraRoll: [],
  location: [],
}

interface Taken {
  fields?: Record<string, FieldRule[]>
  label?: FieldRule
}

function actionFault(
  action: Json,
  path: string,
  { fields = actionFields, label = text('label', 20) }: Taken = {},
): ContentFault | undefined {
  const type = String(action.type)
  const own = Object.hasOwn(fields, type) ? fields[type] : undefined
  if (!own) return invalid(`${path}.type must be one of ${Object.keys(fields).join(', ')}`)
  return first([label, ...own], action, path)
}

function oneSource(content: Json, path: string): ContentFault | undefined {
  const both = content.fileId !== undefined && content.originalContentUrl !== undefined
  return both ? invalid(`${path} must have either originalContentUrl or fileId`) : undefined
}

function listFault(content: Json, path: string): ContentFault | undefined {
  return (
    coverFault(content.coverData, `${path}.coverData`) ??
    each(content.elements, `${path}.elements`, elementFault) ??
    each(content.actions ?? [], `${path}.actions`, undefined, (row, at) =>
      Array.isArray(row) && row.length >= 1 && row.length <= 2
        ? each(row, at, (action, place) => actionFault(action, place))
        : invalid(`${at} must have 1 to 2 items`),
    )
  )
}

function coverFault(cover: unknown, path: string): ContentFault | undefined {
  if (!isRecord(cover)) return undefined
  const both = (cover.backgroundImageUrl === undefined) === (cover.backgroundFileId === undefined)
  if (both) return invalid(`${path} must have either backgroundImageUrl or backgroundFileId`)
  const fields = [
    url('backgroundImageUrl'),
    text('backgroundFileId', 1000),
    text('title', 1000),
    text('subtitle', 1000),
  ]
  return first(fields.map(optional), cover, path)
}

/** The documentation says list, clients send one action [doc bot-send-list@jp]: both are taken. */
function elementFault(element: Json, path: string): ContentFault | undefined {
  const actions = element.action === undefined ? [] : [element.action].flat()
  return (
    first(
      [text('title', 1000), ...[text('subtitle', 1000), url('originalContentUrl'), fileId].map(optional)],
      element,
      path,
    ) ??
    oneSource(element, path) ??
    each(actions, `${path}.action`, (action, at) => actionFault(action, at))
  )
}

function carouselFault(content: Json, path: string): ContentFault | undefined {
  const { columns, imageAspectRatio: ratio = 'rectangle', imageSize: size = 'cover' } = content
  if (ratio !== 'rectangle' && ratio !== 'square') return invalid(`${path}.imageAspectRatio is not valid`)
  if (size !== 'cover' && size !== 'contain') return invalid(`${path}.imageSize is not valid`)
  const fault = each(columns, `${path}.columns`, columnFault)
  if (fault) return fault
  const shapes = new Set((columns as Json[]).map(shapeOf))
  return shapes.size > 1
    ? invalid(`${path}.columns must have the same actions, titles and images`)
    : undefined
}

/** Must be the same for all columns [doc bot-send-carousel@kr]. */
function shapeOf(column: Json): string {
  return JSON.stringify([
    (column.actions as unknown[]).length,
    column.title === undefined,
    hasPicture(column),
  ])
}

function hasPicture(column: Json): boolean {
  return column.originalContentUrl !== undefined || column.fileId !== undefined
}

function columnFault(column: Json, path: string): ContentFault | undefined {
  const max = column.title !== undefined || hasPicture(column) ? 60 : 120
  const fields = [
    text('text', max),
    list('actions', 1, 3),
    ...[text('title', 40), url('originalContentUrl'), fileId].map(optional),
  ]
  return (
    first(fields, column, path) ??
    oneSource(column, path) ??
    each(column.actions, `${path}.actions`, (action, at) =>
      actionFault(action, at, { fields: cardFields }),
    ) ??
    each(
      column.defaultAction === undefined ? [] : [column.defaultAction],
      `${path}.defaultAction`,
      (action, at) => actionFault(action, at, { fields: cardFields, label: optional(text('label', 20)) }),
    )
  )
}

function imageColumnFault(column: Json, path: string): ContentFault | undefined {
  if (!hasPicture(column)) return missing(`${path}.originalContentUrl`)
  return (
    first([url('originalContentUrl'), fileId].map(optional), column, path) ??
    oneSource(column, path) ??
    each(column.action === undefined ? [] : [column.action], `${path}.action`, (action, at) =>
      actionFault(action, at, { fields: cardFields, label: text('label', 12) }),
    )
  )
}

const bubbleSizes = new Set<unknown>(['nano', 'micro', 'kilo', 'mega', 'giga'])
const components = new Set<unknown>(['box', 'button', 'image', 'icon', 'text', 'span', 'separator', 'filler'])

/** Sizes and components as listed in the sheet; the bubble's 30 KB as in [doc bot-send-flex-bubble@en]. */
function flexFault({ contents }: Json, path: string): ContentFault | undefined {
  const container = contents as Json
  const place = `${path}.contents`
  if (Buffer.byteLength(JSON.stringify(container)) > 30 * 1024)
    return invalid(`${place} must have at most 30 KB`)
  if (container.type === 'bubble') return bubbleFault(container, place)
  if (container.type !== 'carousel') return invalid(`${place}.type must be bubble or carousel`)
  const bubbles = container.contents
  const fault =
    first([list('contents', 1, 10)], container, place) ?? each(bubbles, `${place}.contents`, bubbleFault)
  if (fault) return fault
  const sizes = new Set((bubbles as Json[]).map(({ size = 'mega' }) => size))
  return sizes.size > 1 ? invalid(`${place}.contents must have the same size`) : undefined
}

function bubbleFault(bubble: Json, path: string): ContentFault | undefined {
  if (bubble.type !== 'bubble') return invalid(`${path}.type must be bubble`)
  if (!bubbleSizes.has(bubble.size ?? 'mega')) return invalid(`${path}.size is not valid`)
  const blocks = ['header', 'hero', 'body', 'footer'].filter((name) => bubble[name] !== undefined)
  for (const name of blocks) {
    const block = bubble[name]
    const fits = isRecord(block) && (block.type === 'box' || (name === 'hero' && block.type === 'image'))
    if (!fits) return invalid(`${path}.${name} is not valid`)
    const fault = componentFault(block, `${path}.${name}`)
    if (fault) return fault
  }
  return undefined
}

function componentFault(component: Json, path: string): ContentFault | undefined {
  if (!components.has(component.type)) return invalid(`${path}.type is not valid`)
  if (component.type === 'box' && !['horizontal', 'vertical', 'baseline'].includes(String(component.layout)))
    return invalid(`${path}.layout is not valid`)
  const pictured = component.type === 'image' || component.type === 'icon'
  const action = component.action === undefined ? [] : [component.action]
  return (
    (pictured ? first([url('url')], component, path) : undefined) ??
    each(action, `${path}.action`, (value, at) =>
      actionFault(value, at, { fields: cardFields, label: optional(text('label', 20)) }),
    ) ??
    each(component.contents ?? [], `${path}.contents`, componentFault)
  )
}

function translationFault(content: Json, path: string): ContentFault | undefined {
  for (const [field, rule] of Object.entries(translations)) {
    const fault = each(content[field] ?? [], `${path}.${field}`, (entry, at) =>
      languages.has(entry.language) ? first([rule], entry, at) : invalid(`${at}.language is not valid`),
    )
    if (fault) return fault
  }
  return undefined
}

/** 50 people at most in one message [doc bot-mention]. */
function mentionFault(content: Json): ContentFault | undefined {
  const texts = [content.text, content.contentText, content.type === 'flex' ? JSON.stringify(content) : '']
  const most = Math.max(
    ...texts.map((said) => (typeof said === 'string' ? said.split('<m userId=').length - 1 : 0)),
  )
  return most > 50 ? invalid('content must not mention more than 50 members') : undefined
}

function quickReplyFault({ quickReply }: Json): ContentFault | undefined {
  if (quickReply === undefined) return undefined
  if (!isRecord(quickReply)) return invalid('content.quickReply is not valid')
  const path = 'content.quickReply'
  return (
    first([list('items', 1, 13)], quickReply, path) ??
    each(quickReply.items, `${path}.items`, (item, at) => {
      const both = item.imageUrl !== undefined && item.imageResourceId !== undefined
      if (both) return invalid(`${at} must have either imageUrl or imageResourceId`)
      if (!isRecord(item.action)) return missing(`${at}.action`)
      return (
        first([optional(url('imageUrl'))], item, at) ??
        actionFault(item.action, `${at}.action`, { fields: quickReplyFields })
      )
    })
  )
}

function first(fields: FieldRule[], holder: Json, path: string): ContentFault | undefined {
  const [problem] = fields.flatMap((rule) => fieldProblem(holder, rule, path))
  return problem && faultOf(problem)
}

/** The first fault in a list; `other` judges entries that are no objects. */
function each(
  values: unknown,
  path: string,
  look: Look | undefined,
  other: (value: unknown, path: string) => ContentFault | undefined = (_value, at) =>
    invalid(`${at} is not valid`),
): ContentFault | undefined {
  if (!Array.isArray(values)) return invalid(`${path} is not valid`)
  for (const [i, value] of values.entries() as IterableIterator<[number, unknown]>) {
    const fault = look && isRecord(value) ? look(value, `${path}[${i}]`) : other(value, `${path}[${i}]`)
    if (fault) return fault
  }
  return undefined
}

/** The codes are documented, the words are not. */
function faultOf({ property, problem, rule }: Problem): ContentFault {
  if (problem === 'missing') return missing(property)
  if (problem === 'size')
    return invalid(`${property} must have ${rule.min ?? 1} to ${rule.max ?? 0} characters or items`)
  return invalid(problem === 'uri' ? `${property} must be an https URL` : `${property} is not valid`)
}

function missing(property: string): ContentFault {
  return { code: 'MISSING_PARAMETER', description: `${property} is required` }
}

function invalid(description: string): ContentFault {
  return { code: 'INVALID_PARAMETER', description }
}
