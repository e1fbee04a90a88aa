import { isDeepStrictEqual } from 'node:util'
import type { Message } from '#libs/contract'
import type { TestChat } from './test-bot'

/** A text: equal; a pattern: matches a text; an object: each field that it has is equal in the message. */
export type Expected = string | RegExp | Partial<Message> | Record<string, unknown>

/** What jest, or any library with its interface, is told of a check. */
export interface MatcherResult {
  pass: boolean
  message: () => string
}

type Said = string | Message | Record<string, unknown>

/** A chat of `testBot`, whatever its session. */
type Chat = Pick<TestChat, 'replies' | 'pushes' | 'sent' | 'offered'>

/**
 * Checks of a chat for `expect.extend(matchers)`. `import 'hookline/testing/jest'` does that for jest. The platform's
 * own objects count as well as what the bot said, so `toHaveReplied({ type: 'flex' })` works.
 */
export const matchers = {
  /** The bot replied this, among others. */
  toHaveReplied: (chat: Chat, expected: Expected): MatcherResult => result('replied', expected, chat.replies),
  /** The bot pushed this, among others. */
  toHavePushed: (chat: Chat, expected: Expected): MatcherResult =>
    result(
      'pushed',
      expected,
      chat.pushes.map(({ message }) => message),
    ),
  /** One of the messages so far offers a choice with this label. */
  toHaveOffered: (chat: Chat, label: string): MatcherResult => ({
    pass: chat.offered.includes(label),
    message: () =>
      `The bot offered ${list(chat.offered)}; the label in question is ${JSON.stringify(label)}.`,
  }),
  /** The bot sent nothing. */
  toBeSilent: (chat: Chat): MatcherResult => ({
    pass: chat.replies.length === 0 && chat.pushes.length === 0,
    message: () => `The bot said ${list([...chat.replies, ...chat.pushes.map(({ message }) => message)])}.`,
  }),
}

/** The same as methods of `expect(chat)`, for libraries whose types have to be told. */
export interface BotMatchers<R> {
  /** The bot replied this, among others: a text, a pattern, or some fields of a message. */
  toHaveReplied(expected: Expected): R
  /** The bot pushed this, among others. */
  toHavePushed(expected: Expected): R
  /** One of the messages so far offers a choice with this label. */
  toHaveOffered(label: string): R
  /** The bot sent nothing, neither reply nor push. */
  toBeSilent(): R
}

function result(verb: string, expected: Expected, said: readonly Said[]): MatcherResult {
  return {
    pass: said.some((message) => fits(message, expected)),
    message: () => `The bot ${verb} ${list(said)}; the message in question is ${shown(expected)}.`,
  }
}

function fits(message: unknown, expected: Expected): boolean {
  const text = textOf(message)
  if (typeof expected === 'string') return text === expected
  if (isPattern(expected)) return text !== undefined && new RegExp(expected, '').test(text)
  return contains(typeof message === 'string' ? { type: 'text', text: message } : message, expected)
}

/** A text with quick replies is still that text. */
function textOf(message: unknown): string | undefined {
  if (typeof message === 'string') return message
  const text = typeof message === 'object' && message !== null && 'text' in message ? message.text : undefined
  return typeof text === 'string' ? text : undefined
}

/** Each part of `expected` is in the value; lists have the same length. */
function contains(value: unknown, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value)
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(value, expected)
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(expected))
    return false
  if (Array.isArray(expected) && (value as unknown[]).length !== expected.length) return false
  return Object.entries(expected).every(([key, part]) =>
    contains((value as Record<string, unknown>)[key], part),
  )
}

/** `expect.any(String)` and its like. */
function isAsymmetric(value: unknown): value is { asymmetricMatch(other: unknown): boolean } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'asymmetricMatch' in value &&
    typeof value.asymmetricMatch === 'function'
  )
}

function isPattern(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]'
}

function list(said: readonly Said[]): string {
  return said.length === 0 ? 'nothing' : said.map(shown).join(', ')
}

function shown(value: unknown): string {
  return isPattern(value) ? String(value) : JSON.stringify(value)
}
