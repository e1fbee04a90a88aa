import { type PortableMessage, type Target, type TextMessage, splitText } from '#libs/contract'
import { type Card, actionObject, withQuickReplies } from './actions'
import type { actionOf } from './choices'
import { type Mentioned, piecesOf, withoutMentions } from './mentions'
import { invalid } from './rules'

type Json = Record<string, unknown>

/** UTF-16 units of one text [doc D/text-character-count]. */
const maxText = 5000

/** LINE's message objects for a checked message [doc R#message-objects]. */
export function renderLine(message: PortableMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  return withQuickReplies(bodyOf(message, kind), message, { type: 'action', toAction })
}

function bodyOf(message: PortableMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  switch (message.type) {
    case 'text':
      return textOf(message, kind)
    case 'image': {
      const { url, previewUrl = url } = message
      return [{ type: 'image', originalContentUrl: url, previewImageUrl: previewUrl }]
    }
    // LINE bots can't send files.
    case 'file':
      return said(`${message.name}\n${message.url}`, /https:\/\/\S+/g)
    case 'link': {
      const { text, label, url } = message
      return [template(text, { type: 'buttons', text, actions: [toAction({ type: 'link', label, url })] })]
    }
    case 'location': {
      const { title, address, latitude, longitude } = message
      return [{ type: 'location', title, address, latitude, longitude }]
    }
    case 'sticker':
      return message.line ? [{ type: 'sticker', ...stickerIds(message.line) }] : said(message.alt)
    case 'buttons': {
      const { title, text } = message
      return [
        template(title === undefined ? text : `${title}\n${text}`, { type: 'buttons', ...card(message) }),
      ]
    }
    case 'carousel': {
      const { cards, alt = cards[0]?.title ?? cards[0]?.text ?? '' } = message
      return [template(alt, { type: 'carousel', columns: cards.map(card) })]
    }
  }
}

function said(text: string, whole?: RegExp): Json[] {
  return splitText(text, maxText, whole).map((part) => ({ type: 'text', text: part }))
}

/** Mentions work in groups and rooms only [doc R#text-message-v2]. */
function textOf(message: TextMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  const pieces = piecesOf(message)
  const mentioned = pieces.filter((piece): piece is Mentioned => typeof piece !== 'string')
  if (mentioned.length === 0) return said(message.text)
  if (kind !== 'group' && kind !== 'room') {
    const text = withoutMentions(pieces)
    if (text === '')
      throw invalid('text', 'Without the mention nothing is left, and LINE has none in this chat.')
    return said(text)
  }
  const template = pieces.map((piece) =>
    typeof piece === 'string' ? piece.replace(/[{}]/g, '$&$&') : `{${piece.key}}`,
  )
  return splitText(template.join(''), maxText, /\{\{|\}\}|\{\w+\}/g).map((text) => ({
    type: 'textV2',
    text,
    ...substitution(text, mentioned),
  }))
}

function substitution(text: string, mentioned: Mentioned[]): Json {
  const used = new Set([...text.matchAll(/\{\{|\{(\w+)\}/g)].map(([, key]) => key))
  const entries = mentioned
    .filter(({ key }) => used.has(key))
    .map(({ key, userId }) => {
      const mentionee = userId === 'all' ? { type: 'all' } : { type: 'user', userId }
      return [key, { type: 'mention', mentionee }] as const
    })
  return entries.length > 0 ? { substitution: Object.fromEntries(entries) } : {}
}

function template(altText: string, body: Json): Json {
  return { type: 'template', altText, template: body }
}

function card({ text, title, imageUrl, actions }: Card): Json {
  return {
    ...(imageUrl === undefined ? {} : { thumbnailImageUrl: imageUrl }),
    ...(title === undefined ? {} : { title }),
    text,
    actions: actions.map(toAction),
  }
}

function stickerIds({ packageId, stickerId }: { packageId: string; stickerId: string }): Json {
  return { packageId, stickerId }
}

function toAction(action: ReturnType<typeof actionOf>): Json {
  return actionObject(action, (label, { data, text = label }) => ({
    type: 'postback',
    label,
    data,
    displayText: text,
  }))
}
