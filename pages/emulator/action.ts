import { isRecord, record, text, type Json } from './read'

/** What a tap on an action leads to. */
export type Tap =
  /** Opened by the browser, in a new tab. */
  | { to: 'open'; href: string }
  /** An address that is not opened; it is shown. */
  | { to: 'refuse'; uri: string }
  | { to: 'copy'; text: string }
  /** The user picks a moment first. */
  | { to: 'pick'; mode: PickMode }
  /** The composer's part for pictures or places. */
  | { to: 'compose'; what: 'image' | 'location' }
  /** The emulator knows what follows. */
  | { to: 'act' }

export type PickMode = 'date' | 'time' | 'datetime'

const openable = new Set(['http:', 'https:', 'tel:', 'mailto:', 'line:'])

/** The address as the browser would open it; undefined unless its scheme is http, https, tel, mailto or line. */
export function safeHref(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined
  const { protocol, href } = new URL(uri)
  return openable.has(protocol) ? href : undefined
}

/** Actions of LINE and LINE WORKS; those of LINE's imagemaps have their address in `linkUri`. */
export function tapOf(action: Json): Tap {
  switch (action.type) {
    case 'uri': {
      const uri = text(action.uri) || text(action.linkUri)
      const href = safeHref(uri)
      return href === undefined ? { to: 'refuse', uri } : { to: 'open', href }
    }
    case 'clipboard':
      return { to: 'copy', text: text(action.clipboardText) }
    case 'copy':
      return { to: 'copy', text: text(action.copyText) }
    case 'datetimepicker':
      return { to: 'pick', mode: pickMode(action.mode) }
    case 'camera':
    case 'cameraRoll':
      return { to: 'compose', what: 'image' }
    case 'location':
      return { to: 'compose', what: 'location' }
    default:
      return { to: 'act' }
  }
}

function pickMode(mode: unknown): PickMode {
  return mode === 'date' || mode === 'time' ? mode : 'datetime'
}

/** What LINE puts into `postback.params`; the browser's pickers give seconds only where they are not zero. */
export function pickedParams(mode: PickMode, value: string): Json {
  const length = { date: 10, time: 5, datetime: 16 }[mode]
  return { [mode]: value.slice(0, length) }
}

/** LINE writes `T` or `t` between day and time; the browser takes `T`. */
export function pickerBound(value: unknown): string | undefined {
  return text(value).replace('t', 'T') || undefined
}

/** What the keyboard is filled with when a LINE postback asks for it. */
export function fillIn(action: Json): string | undefined {
  return action.inputOption === 'openKeyboard' ? text(action.fillInText) : undefined
}

export function menuWish(action: Json): 'open' | 'close' | undefined {
  if (action.inputOption === 'openRichMenu') return 'open'
  return action.inputOption === 'closeRichMenu' ? 'close' : undefined
}

export function actionsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : isRecord(value) ? [value] : []
}

/** What a button for this action says. */
export function labelOf(action: Json, language: 'en' | 'ja' = 'en'): string {
  const own = translated(action, { field: 'label', list: 'i18nLabels', language })
  return own || text(action.text) || text(action.displayText) || text(action.type)
}

interface Translated {
  field: string
  list: string
  language: 'en' | 'ja'
}

/** LINE WORKS: the field in the reader's language where the bot gave one. */
export function translated(holder: Json, { field, list, language }: Translated): string {
  const wanted = language === 'ja' ? 'ja_JP' : 'en_US'
  const found = actionsOf(holder[list]).find((each) => each.language === wanted)
  return text(record(found)[field]) || text(holder[field])
}
