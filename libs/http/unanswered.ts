import type { Head } from './answer-headers'

/**
 * Why there is no whole answer. Holds nothing of the request, which carries the Authorization header.
 * `sent`: whether a byte of the request may have left. `head`: of an answer whose body broke off.
 */
export class Unanswered extends Error {
  /** Without it axios would put an error of its own in the place of this one where the signal has aborted. */
  readonly __CANCEL__ = true
  readonly code: string
  readonly sent: boolean
  readonly head: Head | undefined

  constructor(code: string, { sent, head }: { sent: boolean; head?: Head | undefined }) {
    super(code)
    this.name = 'Unanswered'
    this.code = code
    this.sent = sent
    this.head = head
  }
}
