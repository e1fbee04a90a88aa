import type { Action, Message, QuickReply } from '#libs/contract'

/** What the user may answer to a message where there are no buttons: its number, or its label. */
export interface Choice {
  /** From 1, in the order in which they are listed. */
  number: number
  label: string
  /** What the user says by it. */
  text: string
  /** There for a postback: what comes back. */
  data?: string
}

/**
 * The choices of a message that can be answered, numbered as `render` lists them on Tocaro: actions first (card by
 * card), then quick replies. Links are listed without a number; camera and place can't be chosen there.
 */
export function choicesOf(message: Message): Choice[] {
  return answerable(message).map(({ label, text = label, ...action }, i) => ({
    number: i + 1,
    label,
    text,
    ...(action.type === 'postback' ? { data: action.data } : {}),
  }))
}

type Answerable = Extract<Action, { type: 'message' | 'postback' }>

function answerable(message: Message): Answerable[] {
  if (message.type === 'native') return []
  const quickReplies = (message.quickReplies ?? []).map(actionOf)
  return [...actionsOf(message), ...quickReplies].filter(
    (action): action is Answerable => action.type === 'message' || action.type === 'postback',
  )
}

function actionsOf(message: Message): readonly Action[] {
  if (message.type === 'buttons') return message.actions
  return message.type === 'carousel' ? message.cards.flatMap((card) => card.actions) : []
}

/** A string says itself. */
export function actionOf(reply: QuickReply): Exclude<QuickReply, string> {
  return typeof reply === 'string' ? { type: 'message', label: reply } : reply
}
