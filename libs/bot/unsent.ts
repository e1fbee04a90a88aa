import { HooklineError } from '#libs/contract'

/** The user took the message back while it was worked on: nothing more is done for it. The reason of `ctx.signal`. */
export class Unsent extends HooklineError {
  constructor() {
    super('unsent', 'The user took the message back, so nothing more is sent for it.')
  }
}
