import { type Action, type PortableMessage, type Target, type TextMessage, splitText } from '#libs/contract'
import { actionOf } from './choices'
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
  const contents = bodyOf(message, kind)
  return contents.map((content, i) =>
    i === contents.length - 1 ? { ...content, ...quickReply(message) } : content,
  )
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
  const template = { type: 'button_template', contentText, actions: actions.map(actionObject) }
  return imageUrl === undefined ? [template] : [picture(imageUrl), template]
}

interface Card {
  text: string
  title?: string
  imageUrl?: string
  actions: readonly Action[]
}

function column({ text, title, imageUrl, actions }: Card): Json {
  return {
    ...(imageUrl === undefined ? {} : { originalContentUrl: imageUrl }),
    ...(title === undefined ? {} : { title }),
    text,
    actions: actions.map(actionObject),
  }
}

function quickReply({ quickReplies = [] }: PortableMessage): Json {
  if (quickReplies.length === 0) return {}
  const items = quickReplies.map((reply) => {
    const icon = typeof reply === 'string' ? undefined : reply.imageUrl
    return { ...(icon === undefined ? {} : { imageUrl: icon }), action: actionObject(actionOf(reply)) }
  })
  return { quickReply: { items } }
}

function actionObject(action: ReturnType<typeof actionOf>): Json {
  const { label } = action
  switch (action.type) {
    case 'message':
      return { type: 'message', label, text: action.text ?? label }
    case 'postback':
      return { type: 'message', label, text: action.text ?? label, postback: action.data }
    case 'link':
      return { type: 'uri', label, uri: action.url }
    case 'location':
    case 'camera':
    case 'cameraRoll':
      return { type: action.type, label }
  }
}
