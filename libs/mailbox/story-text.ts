import type { Entry } from '#libs/contract'

/** Of one text in a story, in UTF-16 units. */
const mostText = 2000

/** What the user said or did, in words, shortened; undefined where the event says nothing. */
export function saidIn(event: Entry): string | undefined {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- most events say nothing
  switch (event.type) {
    case 'postback':
      return shortened([event.text, event.data].filter(Boolean).join('\n'))
    case 'location':
      return shortened([event.title, event.address].filter(Boolean).join('\n'))
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return shortened(event.fileName ?? '')
    default:
      return 'text' in event ? shortened(event.text ?? '') : undefined
  }
}

/** Where the platforms' message objects have what a user reads: LINE, LINE WORKS, Tocaro. */
const textFields = new Set(['altText', 'contentText', 'title', 'text', 'value', 'fallback'])
const mostDepth = 8

/** What the platform's own message objects say, without their form, shortened. */
export function spokenIn(messages: Record<string, unknown>[]): string | undefined {
  const texts = new Set<string>()
  const walk = (value: unknown, depth: number) => {
    if (typeof value !== 'object' || value === null || depth > mostDepth) return
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string' && textFields.has(key)) texts.add(inner)
      // What a tap would say was not said.
      else if (key !== 'actions' && key !== 'quickReply') walk(inner, depth + 1)
    }
  }
  messages.forEach((message) => walk(message, 0))
  return shortened([...texts].join('\n'))
}

/** Never cut inside a character. */
function shortened(text: string): string | undefined {
  if (text === '') return undefined
  if (text.length <= mostText) return text
  return `${text.slice(0, mostText - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
