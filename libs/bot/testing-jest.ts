// `import 'hookline/testing/jest'` in a test, or in jest's setupFilesAfterEnv: teaches expect the checks of a chat.
import { HooklineError } from '#libs/contract'
import { type BotMatchers, matchers } from './matchers'

declare global {
  // The place where @types/jest looks for more matchers; its own names, or the two do not become one.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
    interface Matchers<R, T = {}> extends BotMatchers<R> {}
  }
}

interface Expect {
  extend(more: typeof matchers): void
}

const { expect: global } = globalThis as { expect?: Partial<Expect> }
if (typeof global?.extend !== 'function') {
  throw new HooklineError(
    'config_invalid',
    "hookline/testing/jest found no global expect. Use: import { matchers } from 'hookline/testing'; expect.extend(matchers)",
  )
}
global.extend(matchers)

export type { BotMatchers }
