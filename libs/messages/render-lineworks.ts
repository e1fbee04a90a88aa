import { type PortableMessage, type Target, type TextMessage, splitText } from '#libs/contract'
import { type Card, actionObject, withQuickReplies } from './actions'
import type { actionOf } from './choices'
import { mention, mentionTag, withoutTags } from './lineworks-mention'
import { piecesOf, withoutMentions } from './mentions'
import { invalid } from './rules'

type Json = Record<string, unknown>

/** UTF-16 units of one text [doc bot-send-text]. */
const maxText = 2000

/**
 * LINE WORKS' contents for a checked message [doc bot-send-content].
 *
 * A postback becomes a message action with `postback`, in templates, carousels and quick replies alike: button templates
 * take nothing else [doc bot-actionobject@en], and in a one-to-one room only such an answer comes without a channel id,
 * as the user's texts do, and so belongs to the same conversation.
 */
export function renderLineworks(message: PortableMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  return withQuickReplies(bodyOf(message, kind), message, { toAction })
}

function bodyOf(message: PortableMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  switch (message.type) {
    case 'text':
      return textOf(message, kind)
    case 'image':
      return [picture(message.url, message.previewUrl)]
    // The file's name is that of the URL: the content has no place for another.
    case 'file':
      return [{ type: 'file', originalContentUrl: message.url }]
    case 'link': {
      const { text, label, url } = message
      return [{ type: 'link', contentText: withoutTags(text), linkText: label, link: url }]
    }
    case 'location': {
      const { title, address, latitude, longitude } = message
      return [{ type: 'location', title, address, latitude, longitude }]
    }
    case 'sticker': {
      if (!message.lineworks) return said(withoutTags(message.alt))
      const { packageId, stickerId } = message.lineworks
      return [{ type: 'sticker', packageId, stickerId }]
    }
    case 'buttons':
      return buttonsOf(message)
    case 'carousel':
      return [{ type: 'carousel', columns: message.cards.map(column) }]
  }
}

function said(text: string): Json[] {
  return splitText(text, maxText, mentionTag).map((part) => ({ type: 'text', text: part }))
}

/** `all` works in channels only [doc bot-mention]. */
function textOf(message: TextMessage, kind: Target['kind'] | 'none' | undefined): Json[] {
  const isUser = kind === 'user'
  const pieces = piecesOf(message).map((piece) => {
    if (typeof piece === 'string') return withoutTags(piece)
    return isUser && piece.userId === 'all' ? piece : mention(piece.userId)
  })
  const text = withoutMentions(pieces)
  if (text === '') throw invalid('text', 'Without the mention of all nothing is left.')
  return said(text)
}

function picture(url: string, previewUrl = url): Json {
  return { type: 'image', previewImageUrl: previewUrl, originalContentUrl: url }
}

/** A button template has neither picture nor title: the picture goes before it, the title is its first line. */
function buttonsOf({ title, text, imageUrl, actions }: Card): Json[] {
  const contentText = withoutTags(title === undefined ? text : `${title}\n${text}`)
  const template = { type: 'button_template', contentText, actions: actions.map(toAction) }
  return imageUrl === undefined ? [template] : [picture(imageUrl), template]
}

function column({ text, title, imageUrl, actions }: Card): Json {
  return {
    ...(imageUrl === undefined ? {} : { originalContentUrl: imageUrl }),
    ...(title === undefined ? {} : { title }),
    text,
    actions: actions.map(toAction),
  }
}

function toAction(action: ReturnType<typeof actionOf>): Json {
  return actionObject(action, (label, { data, text = label }) => ({
    type: 'message',
    label,
    text,
    postback: data,
  }))
}
