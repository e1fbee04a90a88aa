import type { Step, Story, StoryAnswer } from '#libs/contract'
import type { DeadLetter } from './dead-letters'
import { type Item, callsOf } from './item'
import { saidIn, spokenIn } from './story-text'
import type { Timeline } from './timeline'

/** What an item itself does not tell. */
export interface StoryAs {
  lane: string
  keep: Timeline['keep']
  state: Story['state']
  /** Unix milliseconds. */
  endedAt?: number
  /** Why it was ignored or parked, as a stable word. */
  reason?: string
  /** Id of the dead letter that it became. */
  deadLetter?: string
}

/** The way of an item so far, or all of it. Pure. Texts only where the bot keeps them and nobody took them back. */
export function storyOf(item: Item, as: StoryAs): Story {
  const { event, erased } = item
  const { bot, platform, conversation, userId, occurredAt, receivedAt } = event
  const says = as.keep === 'text' && !erased
  const text = says ? saidIn(event) : undefined
  const messageId = 'messageId' in event ? event.messageId : undefined
  const reason = as.reason ?? item.waits?.reason
  const story: Story = {
    id: item.id,
    bot,
    platform,
    lane: as.lane,
    conversation,
    type: event.type,
    occurredAt,
    receivedAt,
    storedAt: item.storedAt ?? item.postedAt,
    state: as.state,
    failures: item.failures,
    steps: stepsOf(item, as),
    answers: answersOf(item, says),
  }
  // One by one: an object spread for each is most of what a story costs.
  if (userId !== undefined) story.userId = userId
  if (messageId !== undefined) story.messageId = messageId
  if (as.endedAt !== undefined) story.endedAt = as.endedAt
  if (reason !== undefined) story.reason = reason
  if (item.replays !== undefined) story.replays = item.replays
  if (as.deadLetter !== undefined) story.deadLetter = as.deadLetter
  if (text !== undefined) story.text = text
  if (erased) story.erased = erased
  const traceId = item.traceparent?.split('-')[1]
  if (traceId !== undefined) story.traceId = traceId
  return story
}

/** The story of a dead letter, up to its parking. */
export function storyOfLetter(letter: DeadLetter, keep: Timeline['keep']): Story {
  const { id, lane, item, parkedAt, reason } = letter
  return storyOf(item, { lane, keep, state: 'parked', endedAt: parkedAt, reason, deadLetter: id })
}

/** The ingress's part is on the event; the end is not on the item. */
function stepsOf(item: Item, as: StoryAs): Step[] {
  const { receivedAt, verifiedAt, journaledAt } = item.event
  const storedAt = item.storedAt ?? item.postedAt
  const steps: Step[] = [{ name: 'received', at: receivedAt }]
  if (verifiedAt !== undefined) steps.push({ name: 'verified', at: verifiedAt })
  if (journaledAt !== undefined)
    steps.push({ name: 'journaled', at: journaledAt, ms: Math.max(0, storedAt - journaledAt) })
  steps.push({ name: 'stored', at: storedAt }, ...(item.steps ?? []), ...endOf(item, as))
  return steps
}

function endOf(item: Item, { state, endedAt, reason }: StoryAs): Step[] {
  if (endedAt === undefined) return []
  if (state === 'parked')
    return [{ name: 'parked', at: endedAt, ...(reason === undefined ? {} : { code: reason }) }]
  const wasSent = callsOf(item).some((call) => call.state === 'sent')
  return wasSent ? [{ name: 'delivered', at: endedAt }] : []
}

/** A handler may push without end. */
const listedAnswers = { first: 10, all: 30 }

function answersOf(item: Item, says: boolean): StoryAnswer[] {
  const calls = callsOf(item)
  const rest = listedAnswers.all - listedAnswers.first
  const listed =
    calls.length <= listedAnswers.all
      ? calls
      : [...calls.slice(0, listedAnswers.first), ...calls.slice(calls.length - rest)]
  return listed.map(({ operation, state, messages }) => {
    const answer = { operation, state, messages: messages.length }
    const text = says ? spokenIn(messages) : undefined
    return text === undefined ? answer : { ...answer, text }
  })
}

/** The story without anything that was said. */
export function withoutTexts({ text: _text, ...story }: Story): Story {
  return {
    ...story,
    erased: true,
    answers: story.answers.map(({ text: _said, ...answer }) => answer),
  }
}

/** The story of an item that was erased while a worker had it: it was ignored, and no dead letter of it was kept. */
function asErased(story: Story): Story {
  const silent = withoutTexts(story)
  if (story.state !== 'parked') return silent
  const { steps, ...rest } = silent
  delete rest.deadLetter
  return { ...rest, state: 'done', reason: 'unsent', steps: steps.slice(0, -1) }
}

/**
 * A story in pieces, for the script that writes it: it alone knows whether the message was taken back meanwhile.
 * `bare` and `said` make the whole, `bare` and `unsaid` the story of an item that was erased.
 */
export function storyPieces(story: Story): { bare: string; said: string; unsaid: string } {
  const isSilent = story.text === undefined && story.answers.every(({ text }) => text === undefined)
  // Of most stories, erasing changes no more than that they say so.
  if (isSilent && story.state !== 'parked') {
    const unsaid = ',"erased":true}'
    const bare = JSON.stringify(story.erased ? { ...story, erased: undefined } : story).slice(0, -1)
    return { bare, said: story.erased ? unsaid : '}', unsaid }
  }
  const erased = asErased(story)
  const isShared = (name: string) => story[name as keyof Story] === erased[name as keyof Story]
  const fields = (of: Story, shared: boolean) =>
    JSON.stringify(Object.fromEntries(Object.entries(of).filter(([name]) => isShared(name) === shared)))
  return {
    bare: fields(story, true).slice(0, -1),
    said: `,${fields(story, false).slice(1)}`,
    unsaid: `,${fields(erased, false).slice(1)}`,
  }
}
