import type { ErrorCode } from '#libs/push'

/** A request to the push API that gets no further. */
export class Refused extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message)
  }
}
