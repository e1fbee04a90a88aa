import type { PlatformName, PortableMessage } from '#libs/contract'
import { type Rule, invalid, isRecord, join, number, record, rulesOf, shown } from './rules'

/** Where the platforms differ for portable messages. Characters are counted in `count`. */
interface Limits {
  who: string
  count: 'units' | 'graphemes'
  /** UTF-16 units of a URL of a picture or a file. */
  url: number
  /** Text above buttons: without and with a title or picture. */
  buttons: [plain: number, headed: number]
  linkText: number
}

/** What a tap can open on LINE [doc R#uri-action]; LINE WORKS' documents name no scheme. */
const tapped = ['https', 'http', 'tel', 'line']

/**
 * LINE counts graphemes in templates [doc D/text-character-count], LINE WORKS' unit is not documented: UTF-16 units.
 * Tocaro shows everything as text. `any` has what no platform takes.
 */
const limits: Record<PlatformName | 'any', Limits> = {
  line: { who: 'LINE', count: 'graphemes', url: 2000, buttons: [160, 60], linkText: 160 },
  lineworks: { who: 'LINE WORKS', count: 'units', url: 1000, buttons: [1000, 1000], linkText: 1000 },
  tocaro: { who: 'Tocaro', count: 'graphemes', url: 2000, buttons: [1000, 1000], linkText: 1000 },
  any: { who: 'every platform', count: 'graphemes', url: 2000, buttons: [1000, 1000], linkText: 1000 },
}

const rules: Record<PlatformName | 'any', Rule> = {
  line: portableRule(limits.line),
  lineworks: portableRule(limits.lineworks),
  tocaro: portableRule(limits.tocaro),
  any: portableRule(limits.any),
}

/**
 * Throws `message_invalid` with field, value and limit for what the platform can't take, or without a platform for
 * what none can take. Takes anything: the push API gets messages from outside.
 */
export function checkPortable(message: unknown, platform: PlatformName | 'any', path: string): void {
  rules[platform](message, path)
}

/** Gives the message back when some platform can take it. */
export function checked<M extends PortableMessage>(message: M): M {
  checkPortable(message, 'any', '')
  return message
}

/** A rule for portable messages, from the sheets' limits [doc R#message-objects, bot-send-content, bot-actionobject]. */
function portableRule({ who, count, url: maxUrl, buttons, linkText }: Limits): Rule {
  const { text, url, list, byType } = rulesOf({ who, count })
  const anyText = text(Infinity)
  const action = actionRule({ who, count })
  const base = { 'quickReplies?': list(quickReplyRule({ who, count }), 0, 13) }
  const headed = { 'title?': text(40), 'imageUrl?': url(maxUrl) }
  const sticker = record({ packageId: anyText, stickerId: anyText })
  const card = record(
    { ...headed, text: text(120), actions: list(action, 1, 3) },
    headedText(text, [120, 60]),
  )
  return byType({
    text: record({ ...base, text: anyText, 'mentions?': record({}) }, mentionsRule),
    image: record({ ...base, url: url(maxUrl), 'previewUrl?': url(maxUrl), 'alt?': anyText }),
    file: record({ ...base, url: url(maxUrl), name: anyText }),
    link: record({ ...base, text: text(linkText), label: text(20), url: url(1000, tapped) }),
    location: record({
      ...base,
      title: text(100),
      address: text(100),
      latitude: number(-90, 90),
      longitude: number(-180, 180),
    }),
    sticker: record({ ...base, 'line?': sticker, 'lineworks?': sticker, alt: anyText }),
    buttons: record(
      { ...base, ...headed, text: text(buttons[0]), actions: list(action, 1, 4) },
      headedText(text, buttons),
    ),
    carousel: record({ ...base, 'alt?': text(1500), cards: list(card, 1, 10) }, sameInAllCards),
  })
}

type TextRule = (max: number) => Rule

/** Less text fits beside a title or a picture. */
function headedText(text: TextRule, [plain, headed]: [number, number]): Rule {
  return (message, path) => {
    const { title, imageUrl, text: said } = message as Record<string, unknown>
    const isHeaded = title !== undefined || imageUrl !== undefined
    text(isHeaded ? headed : plain)(said, join(path, isHeaded ? 'text (beside a title or picture)' : 'text'))
  }
}

function actions({ who, count }: Pick<Limits, 'who' | 'count'>): Record<string, Rule> {
  const { text, url } = rulesOf({ who, count })
  const { text: units } = rulesOf({ who })
  return {
    message: record({ label: text(20), 'text?': units(300) }),
    postback: record({ label: text(20), data: units(300), 'text?': text(300) }),
    link: record({ label: text(20), url: url(1000, tapped) }),
  }
}

function actionRule(measure: Pick<Limits, 'who' | 'count'>): Rule {
  return rulesOf(measure).byType(actions(measure))
}

function quickReplyRule(measure: Pick<Limits, 'who' | 'count'>): Rule {
  const { text, url, byType } = rulesOf(measure)
  const label = record({ label: text(20) })
  const object = byType({ ...actions(measure), location: label, camera: label, cameraRoll: label })
  const icon = record({ 'imageUrl?': url(1000) })
  return (value, path) => {
    if (typeof value === 'string') return text(20)(value, path)
    object(value, path)
    icon(value, path)
  }
}

/** `{key}` of a mention in a text. */
export const mentionKey = /\{([A-Za-z0-9_]{1,20})\}/g

/** LINE mentions 20 people at most in one text, LINE WORKS 50 [doc R#text-message-v2, bot-mention]. */
const maxMentions = 20

function mentioned(value: unknown, path: string): void {
  const id = isRecord(value) ? value.userId : value
  if (typeof id !== 'string' || !/^[^\s"<>]+$/.test(id))
    throw invalid(path, `${shown(id)}, which is no user id.`)
  if (isRecord(value)) record({ 'name?': rulesOf({ who: 'every platform' }).text(100) })(value, path)
}

function mentionsRule(message: unknown, path: string): void {
  const { text, mentions = {} } = message as { text: string; mentions?: Record<string, unknown> }
  const used = [...text.matchAll(mentionKey)].map(([, key]) => key ?? '')
  for (const [key, value] of Object.entries(mentions)) {
    const place = join(path, `mentions.${key}`)
    if (!used.includes(key)) {
      throw invalid(
        place,
        `The text has no {${key}}. Write it where the name belongs: letters, digits and _ only, at most 20.`,
      )
    }
    mentioned(value, place)
  }
  const count = used.filter((key) => Object.hasOwn(mentions, key)).length
  if (count > maxMentions) {
    throw invalid(join(path, 'mentions'), `has ${count} mentions; LINE takes at most ${maxMentions}.`)
  }
}

function sameInAllCards(message: unknown, path: string): void {
  const { cards } = message as { cards: Record<string, unknown>[] }
  const differs = (trait: (card: Record<string, unknown>) => unknown) =>
    cards.findIndex((card) => trait(card) !== trait(cards[0] ?? {}))
  const traits: [string, (card: Record<string, unknown>) => unknown][] = [
    ['actions', ({ actions: list }) => (list as unknown[]).length],
    ['title', ({ title }) => title !== undefined],
    ['imageUrl', ({ imageUrl }) => imageUrl !== undefined],
  ]
  for (const [name, trait] of traits) {
    const at = differs(trait)
    if (at < 0) continue
    const need = name === 'actions' ? 'the same number of actions' : `a ${name}, or none`
    throw invalid(join(path, `cards[${at}].${name}`), `All cards need ${need}, as the first card has it.`)
  }
}
