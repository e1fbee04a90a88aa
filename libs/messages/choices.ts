import type { Action, Message } from '#libs/contract'

/** One thing to choose, where choices are numbered lines of text. */
export interface Choice {
  /** From 1. */
  number: number
  label: string
  action: Exclude<Action, { type: 'link' }>
}

/** What these messages offer to choose, numbered in their order. A link is no choice: nothing comes back from it. */
export function choicesOf(messages: readonly Message[]): Choice[] {
  return messages
    .flatMap(actionsOf)
    .filter((action) => action.type !== 'link')
    .map((action, i) => ({ number: i + 1, label: action.label, action }))
}

function actionsOf(message: Message): Action[] {
  if (message.type === 'native') return []
  const own =
    message.type === 'buttons'
      ? message.actions
      : message.type === 'carousel'
        ? message.cards.flatMap(({ actions }) => actions)
        : []
  const quick = (message.quickReplies ?? []).flatMap((reply): Action[] => {
    if (typeof reply === 'string') return [{ type: 'message', label: reply }]
    return reply.type === 'message' || reply.type === 'postback' ? [reply] : []
  })
  return [...own, ...quick]
}
