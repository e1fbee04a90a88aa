import { isRecord } from './api-call'
import { fieldProblem, messageProblems, type FieldRule, type MessageRules, type Problem } from './field-rules'

/** An entry of `details` in LINE's error body. */
export interface LineDetail {
  message: string
  property: string
}

const text = (field: string, max: number): FieldRule => ({ field, is: 'text', max })
const url = (field: string): FieldRule => ({ field, is: 'https', max: 2000 })
const number = (field: string): FieldRule => ({ field, is: 'number' })
const object = (field: string): FieldRule => ({ field, is: 'object' })

/** Limits of [doc R#message-objects]; templates, flex and imagemap only as deep as shown. */
const rules: MessageRules = {
  text: [[text('text', 5000), { field: 'emojis', is: 'list', max: 20, optional: true }]],
  textV2: [[text('text', 5000), { field: 'substitution', is: 'object', optional: true }]],
  sticker: [[text('packageId', 100), text('stickerId', 100)]],
  image: [[url('originalContentUrl'), url('previewImageUrl')]],
  video: [
    [url('originalContentUrl'), url('previewImageUrl'), { ...text('trackingId', 100), optional: true }],
  ],
  audio: [[url('originalContentUrl'), number('duration')]],
  location: [[text('title', 100), text('address', 100), number('latitude'), number('longitude')]],
  coupon: [[text('couponId', 1000)]],
  imagemap: [
    [url('baseUrl'), text('altText', 1500), object('baseSize'), { field: 'actions', is: 'list', max: 50 }],
  ],
  template: [[text('altText', 1500), object('template')]],
  flex: [[text('altText', 1500), object('contents')]],
}

/** What LINE would say about the `messages` of a request; empty when nothing is wrong. */
export function lineMessageDetails(messages: unknown): LineDetail[] {
  if (!Array.isArray(messages) || messages.length < 1 || messages.length > 5) {
    return [{ message: 'Size must be between 1 and 5', property: 'messages' }]
  }
  return messages.flatMap((message: unknown, i) => oneMessage(message, `messages[${i}]`))
}

function oneMessage(message: unknown, path: string): LineDetail[] {
  if (!isRecord(message)) return [{ message: 'must be specified', property: path }]
  const problems = messageProblems(message, rules, path)
  // The words for an unknown type are not documented.
  if (!problems) return [{ message: 'Unknown message type', property: `${path}.type` }]
  return [...problems, ...commonProblems(message, path)].map(lineDetail)
}

/** Quick replies (13 at most) and the sender's name (20 at most) go with every type. */
function commonProblems({ quickReply, sender }: Record<string, unknown>, path: string): Problem[] {
  const items: FieldRule = { field: 'items', is: 'list', max: 13 }
  return [
    ...(isRecord(quickReply) ? fieldProblem(quickReply, items, `${path}.quickReply`) : []),
    ...(isRecord(sender)
      ? fieldProblem(sender, { ...text('name', 20), optional: true }, `${path}.sender`)
      : []),
  ]
}

/** LINE's phrases, as far as the reference shows them [doc R#error-responses]; `type` is invented. */
function lineDetail({ property, problem, rule }: Problem): LineDetail {
  const range = `between ${rule.min ?? 0} and ${rule.max ?? 0}`
  const phrases: Record<Problem['problem'], string> = {
    missing: rule.is === 'text' ? 'May not be empty' : 'must be specified',
    empty: 'May not be empty',
    type: `must be a ${rule.is}`,
    size: rule.is === 'list' ? `Size must be ${range}` : `Length must be ${range}`,
    uri: 'invalid uri',
  }
  return { property, message: phrases[problem] }
}
