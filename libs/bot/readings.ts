import type { Event } from '#libs/contract'

/**
 * The ways to read an event, in the order in which listeners are offered them; the last is the event as it came.
 * LINE WORKS sends the tap of a button as a text with `postback` [doc bot-callback-message]: `postback` listeners
 * come first, and where none takes it, it is a text. So it is with a choice on Tocaro, which is an answer in words.
 */
export function readings(event: Event): Event[] {
  if (event.type !== 'text' || event.postback === undefined) return [event]
  return [{ ...event, type: 'postback', data: event.postback }, event]
}
