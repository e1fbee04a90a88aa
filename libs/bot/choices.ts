import type { Event, Message } from '#libs/contract'
import { type Choice, choicesOf } from '#libs/messages'

/** What Tocaro users were offered last, as numbered lines. */
export interface OfferedChoices {
  list: Choice[]
}

/** Choices are a matter of texts on this platform only: the others have buttons. */
export function remembersChoices(event: Event): boolean {
  return event.platform === 'tocaro' && event.conversation.kind !== 'none'
}

/** The choices that are the last ones after these messages were said. */
export function offeredBy(
  messages: Message[],
  before: OfferedChoices | undefined,
): OfferedChoices | undefined {
  const list = messages.map(choicesOf).findLast(({ length }) => length > 0)
  return list ? { list } : before
}

/** A text that is a choice's number or label stands for what a tap on it gives elsewhere. */
export function choose(event: Event, offered: OfferedChoices | undefined): Event {
  if (event.type !== 'text' || !offered) return event
  const said = normal(event.text)
  const choice = offered.list.find(({ number, label }) => said === String(number) || said === normal(label))
  if (!choice) return event
  const { text, data } = choice
  // With `postback` it is offered to postback listeners first, as it is where the platform has buttons.
  return { ...event, text, ...(data === undefined ? {} : { postback: data }) }
}

/** Japanese keyboards write １ as readily as 1. */
function normal(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase()
}
