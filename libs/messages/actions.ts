import type { Action, PortableMessage } from '#libs/contract'
import { actionOf } from './choices'

type Json = Record<string, unknown>

/** Buttons with what stands above them: a card of a carousel, or a message of its own. */
export interface Card {
  text: string
  title?: string
  imageUrl?: string
  actions: readonly Action[]
}

/** An action without a postback: there LINE and LINE WORKS are of one form [doc R#action-objects, doc bot-actionobject@en]. */
export function actionObject(
  action: ReturnType<typeof actionOf>,
  postback: (label: string, action: { data: string; text?: string }) => Json,
): Json {
  const { label } = action
  switch (action.type) {
    case 'message':
      return { type: 'message', label, text: action.text ?? label }
    case 'postback':
      return postback(label, action)
    case 'link':
      return { type: 'uri', label, uri: action.url }
    case 'location':
    case 'camera':
    case 'cameraRoll':
      return { type: action.type, label }
  }
}

/** Quick replies under the last of a message's objects: of the messages of one call only its own are shown [doc R#quick-reply]. */
export function withQuickReplies(
  objects: Json[],
  { quickReplies = [] }: PortableMessage,
  { toAction, ...more }: { toAction: (action: ReturnType<typeof actionOf>) => Json; type?: string },
): Json[] {
  if (quickReplies.length === 0) return objects
  const items = quickReplies.map((reply) => {
    const icon = typeof reply === 'string' ? undefined : reply.imageUrl
    return { ...more, ...(icon === undefined ? {} : { imageUrl: icon }), action: toAction(actionOf(reply)) }
  })
  return objects.map((object, i) =>
    i === objects.length - 1 ? { ...object, quickReply: { items } } : object,
  )
}
