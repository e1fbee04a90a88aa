import type { Message, PlatformName } from '#libs/contract'

/** Something that can be tapped, as the platform has it. */
export interface Choice {
  type: string
  label: string
  data?: string
  text?: string
  /** LINE WORKS: what comes with the text that the tap says. */
  postback?: string
  uri?: string
}

/** One message as the bot said it and as the platform shows it. */
export interface Shown {
  message: Message
  rendered: Record<string, unknown>[]
}

/**
 * What these messages offer to tap. On LINE and LINE WORKS that is what the platform's own objects say, so native
 * messages count too; Tocaro shows choices as lines of text, so there the message itself is looked at.
 */
export function choicesIn(shown: Shown, platform: PlatformName): Choice[] {
  return platform === 'tocaro' ? choicesBelow(shown.message) : choicesBelow(shown.rendered)
}

function choicesBelow(value: unknown): Choice[] {
  if (Array.isArray(value)) return value.flatMap(choicesBelow)
  if (typeof value !== 'object' || value === null) return []
  const own = isChoice(value) ? [value] : []
  return [
    ...own,
    ...Object.entries(value).flatMap(([key, child]) => quickReplies(key, child) ?? choicesBelow(child)),
  ]
}

/** A quick reply that is a text says itself. */
function quickReplies(key: string, value: unknown): Choice[] | undefined {
  if (key !== 'quickReplies' || !Array.isArray(value)) return undefined
  return value.flatMap((each) =>
    typeof each === 'string' ? [{ type: 'message', label: each }] : choicesBelow(each),
  )
}

/** Images of rich menus and imagemaps have actions without a label; nobody can name those in a test. */
function isChoice(value: object): value is Choice {
  return (
    'type' in value && typeof value.type === 'string' && 'label' in value && typeof value.label === 'string'
  )
}
