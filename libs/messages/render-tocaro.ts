import { type Action, type PortableMessage, type TextMessage, splitText } from '#libs/contract'
import { actionOf, choicesOf } from './choices'
import { piecesOf } from './mentions'

type Json = Record<string, unknown>

/** UTF-16 units of one text (assumed: no limit is documented). */
const maxText = 2000
/** Names and links stay in one piece. */
const whole = /@[^\s:]+|https:\/\/\S+/g

/**
 * Tocaro's posts for a checked message. Everything is text but pictures where the inbound webhook takes them; what can
 * be answered is listed with numbers, as `choicesOf` counts them.
 */
export function renderTocaro(message: PortableMessage, hasAttachments: boolean): Json[] {
  const { text, mentions = [], pictures = [] } = bodyOf(message)
  const urls = hasAttachments ? [] : pictures
  const lines = [...urls, ...text, ...quickReplies(message)].join('\n')
  const posts: Json[] = lines === '' ? [{}] : splitText(lines, maxText, whole).map((part) => ({ text: part }))
  const attachments = hasAttachments ? pictures.map((url) => ({ image_url: url })) : []
  const last = {
    ...posts.at(-1),
    ...(attachments.length > 0 ? { attachments } : {}),
    ...(mentions.length > 0 && !hasAttachments ? { mentions } : {}),
  }
  return [...posts.slice(0, -1), last]
}

interface Body {
  text: string[]
  /** User codes. */
  mentions?: string[]
  pictures?: string[]
}

function bodyOf(message: PortableMessage): Body {
  let number = 0
  const choice = (action: Action) =>
    action.type === 'link' ? `${action.label}: ${action.url}` : `${++number}. ${action.label}`
  switch (message.type) {
    case 'text':
      return textOf(message)
    case 'image':
      return { text: message.alt === undefined ? [] : [message.alt], pictures: [message.url] }
    case 'file':
      return { text: [message.name, message.url] }
    case 'link':
      return { text: [message.text, `${message.label}: ${message.url}`] }
    case 'location':
      return { text: [message.title, message.address, `${message.latitude}, ${message.longitude}`] }
    case 'sticker':
      return { text: [message.alt] }
    case 'buttons':
      return { text: cardLines(message, choice), pictures: picturesOf([message]) }
    case 'carousel':
      return {
        text: message.cards.flatMap((card, i) => [...(i > 0 ? [''] : []), ...cardLines(card, choice)]),
        pictures: picturesOf(message.cards),
      }
  }
}

/** `@name`, else `@` and the user code; the codes go along for the platform to mark [assumed]. */
function textOf(message: TextMessage): Body {
  const mentions = new Set<string>()
  const text = piecesOf(message).map((piece) => {
    if (typeof piece === 'string') return piece
    if (piece.userId !== 'all') mentions.add(piece.userId)
    return `@${piece.name ?? piece.userId}`
  })
  return { text: [text.join('')], mentions: [...mentions] }
}

interface Card {
  text: string
  title?: string
  imageUrl?: string
  actions: readonly Action[]
}

function cardLines({ title, text, actions }: Card, choice: (action: Action) => string): string[] {
  return [...(title === undefined ? [] : [title]), text, ...actions.map(choice)]
}

function picturesOf(cards: readonly Card[]): string[] {
  return cards.flatMap(({ imageUrl }) => (imageUrl === undefined ? [] : [imageUrl]))
}

/** Numbered on from the actions. Camera and place are for phones with a keyboard of their own: left out. */
function quickReplies(message: PortableMessage): string[] {
  let number = choicesOf({ ...message, quickReplies: [] }).length
  return (message.quickReplies ?? []).map(actionOf).flatMap((action) => {
    if (action.type === 'link') return [`${action.label}: ${action.url}`]
    return action.type === 'message' || action.type === 'postback' ? [`${++number}. ${action.label}`] : []
  })
}
