import { isRecord } from './api-call'
import { fieldProblem, messageProblems, type FieldRule, type MessageRules, type Problem } from './field-rules'

/** What is wrong with a content, in LINE WORKS' codes. */
export interface ContentFault {
  code: 'MISSING_PARAMETER' | 'INVALID_PARAMETER'
  description: string
}

const text = (field: string, max: number): FieldRule => ({ field, is: 'text', max })
const url = (field: string): FieldRule => ({ field, is: 'https', max: 1000 })
const number = (field: string): FieldRule => ({ field, is: 'number' })
const list = (field: string, min: number, max: number): FieldRule => ({ field, is: 'list', min, max })
const fileId = text('fileId', 1000)

/** Limits of sheet section 4.1 [doc bot-send-content]; lists and carousels only as deep as shown. */
const rules: MessageRules = {
  text: [[text('text', 2000)]],
  sticker: [[text('packageId', 100), text('stickerId', 100)]],
  image: [[url('previewImageUrl'), url('originalContentUrl')], [fileId]],
  video: [[url('previewImageUrl'), url('originalContentUrl')], [fileId]],
  audio: [[url('originalContentUrl')], [fileId]],
  file: [[url('originalContentUrl')], [fileId]],
  link: [[text('contentText', 1000), text('linkText', 1000), text('link', 1000)]],
  location: [[text('title', 100), text('address', 100), number('latitude'), number('longitude')]],
  button_template: [[text('contentText', 1000), list('actions', 1, 10)]],
  list_template: [[list('elements', 1, 4)]],
  carousel: [[list('columns', 1, 10)]],
  image_carousel: [[list('columns', 1, 10)]],
  flex: [[text('altText', 400), { field: 'contents', is: 'object' }]],
}

/** Buttons take no postback action [doc bot-actionobject@en]: a tap comes back as a message. */
const buttonActions = new Set<unknown>(['message', 'uri', 'copy'])

/** The first thing that is wrong with the body of a send; undefined when nothing is. */
export function lineworksContentFault(body: Record<string, unknown> | undefined): ContentFault | undefined {
  const content = body?.content
  if (!isRecord(content)) return { code: 'MISSING_PARAMETER', description: 'content is required' }
  if (content.type === undefined)
    return { code: 'MISSING_PARAMETER', description: 'content.type is required' }
  const problems = messageProblems(content, rules, 'content')
  if (!problems) return invalid(`content.type ${JSON.stringify(content.type)} is not supported`)
  const [problem] = [...problems, ...quickReplyProblems(content)]
  if (problem) return faultOf(problem)
  return content.type === 'button_template' ? buttonFault(content.actions) : undefined
}

function quickReplyProblems({ quickReply }: Record<string, unknown>): Problem[] {
  return isRecord(quickReply) ? fieldProblem(quickReply, list('items', 1, 13), 'content.quickReply') : []
}

function buttonFault(actions: unknown): ContentFault | undefined {
  const allowed = (action: unknown) => isRecord(action) && buttonActions.has(action.type)
  const wrong = Array.isArray(actions) ? actions.findIndex((action: unknown) => !allowed(action)) : -1
  return wrong < 0 ? undefined : invalid(`content.actions[${wrong}].type must be message, uri or copy`)
}

/** The codes are documented, the words are not. */
function faultOf({ property, problem, rule }: Problem): ContentFault {
  if (problem === 'missing') return { code: 'MISSING_PARAMETER', description: `${property} is required` }
  if (problem === 'size')
    return invalid(`${property} must have ${rule.min ?? 1} to ${rule.max ?? 0} characters or items`)
  return invalid(problem === 'uri' ? `${property} must be an https URL` : `${property} is not valid`)
}

function invalid(description: string): ContentFault {
  return { code: 'INVALID_PARAMETER', description }
}
