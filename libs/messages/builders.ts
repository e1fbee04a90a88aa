import type {
  Action,
  AtMost,
  ButtonsMessage,
  Card,
  CarouselMessage,
  FileMessage,
  ImageMessage,
  LinkMessage,
  LocationMessage,
  MessageBase,
  StickerMessage,
  TextMessage,
} from '#libs/contract'
import { checked } from './check-portable'

/** The other fields of a message beside those that its builder takes by place. */
type Rest<M extends MessageBase, Given extends keyof M> = Omit<M, Given | 'type'>

/**
 * A text. `text('{who} さん、どうぞ', { mentions: { who: userId }, quickReplies: ['はい', 'いいえ'] })`
 * @throws HooklineError `message_invalid` when it is empty or no platform could take it.
 */
export function text(text: string, options: Rest<TextMessage, 'text'> = {}): TextMessage {
  return checked({ type: 'text', text, ...options })
}

/** A picture behind an https URL: JPEG or PNG; LINE WORKS wants its preview as PNG. */
export function image(url: string, options: Rest<ImageMessage, 'url'> = {}): ImageMessage {
  return checked({ type: 'image', url, ...options })
}

/** A file behind an https URL. `name` is what the user sees where the platform shows one. */
export function file(url: string, name: string, options: MessageBase = {}): FileMessage {
  return checked({ type: 'file', url, name, ...options })
}

/** A text with one link to tap. */
export function link(text: string, label: string, url: string, options: MessageBase = {}): LinkMessage {
  return checked({ type: 'link', text, label, url, ...options })
}

/** A place on the map. `location({ title: '本社', address: '東京都…', latitude: 35.68, longitude: 139.76 })` */
export function location(place: Omit<LocationMessage, 'type'>): LocationMessage {
  return checked({ type: 'location', ...place })
}

/** A sticker, where the platform has one for it; `alt` is said elsewhere. */
export function sticker(ids: Omit<StickerMessage, 'type'>): StickerMessage {
  return checked({ type: 'sticker', ...ids })
}

/** A text with one to four actions. `buttons('承認しますか?', [action.postback('承認', 'do=approve')])` */
export function buttons(
  text: string,
  actions: AtMost<4, Action>,
  options: Rest<ButtonsMessage, 'text' | 'actions'> = {},
): ButtonsMessage {
  return checked({ type: 'buttons', text, actions, ...options })
}

/** One to ten cards side by side, all with the same number of actions. */
export function carousel(
  cards: AtMost<10, Card>,
  options: Rest<CarouselMessage, 'cards'> = {},
): CarouselMessage {
  return checked({ type: 'carousel', cards, ...options })
}

/**
 * What a tap does: in `buttons`, in cards and in quick replies; the last three in quick replies only. Checked with the
 * message that carries it.
 */
export const action = {
  /** Says `text`, else the label, as the user: a `text` event. */
  message: (label: string, text?: string): Extract<Action, { type: 'message' }> => ({
    type: 'message',
    label,
    ...(text === undefined ? {} : { text }),
  }),
  /** Comes back as a `postback` event with `data`; the chat shows `text`, else the label. */
  postback: (label: string, data: string, text?: string): Extract<Action, { type: 'postback' }> => ({
    type: 'postback',
    label,
    data,
    ...(text === undefined ? {} : { text }),
  }),
  /** Opens an `https:`, `http:`, `tel:` or `line:` URL. */
  link: (label: string, url: string): Extract<Action, { type: 'link' }> => ({ type: 'link', label, url }),
  /** Asks for a place, on phones. */
  location: (label: string): PhoneAction<'location'> => ({ type: 'location', label }),
  /** Opens the camera, on phones. */
  camera: (label: string): PhoneAction<'camera'> => ({ type: 'camera', label }),
  /** Lets the user choose a picture, on phones. */
  cameraRoll: (label: string): PhoneAction<'cameraRoll'> => ({ type: 'cameraRoll', label }),
}

interface PhoneAction<T extends 'location' | 'camera' | 'cameraRoll'> {
  type: T
  label: string
}
