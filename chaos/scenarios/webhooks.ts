import type { Scenario } from '../scenario'
import { sleep } from '../until'
import { steady } from './rounds'

export const duplicates: Scenario = {
  name: 'duplicates',
  what: 'Half of all webhooks are sent twice at once, to two ingresses, and half once more up to three seconds later.',
  load: { ...steady, twice: 0.5, again: 0.5 },
  harm: () => sleep(9000),
}

export const reordering: Scenario = {
  name: 'reordering',
  what: 'Every webhook is held back up to 1.5 s, so that conversations overtake each other; four LINE conversations share each request.',
  load: { ...steady, most: 30, pauseMs: 400, heldMs: 1500, bundle: 4 },
  harm: () => sleep(9000),
}

/** Not part of a run: shows that the judge sees what is wrong. Run it with `--only broken-bot`. */
export const brokenBot: Scenario = {
  name: 'broken-bot',
  what: 'Nothing is hurt, but the bot itself forgets a message, says one twice and swaps two.',
  workers: 1,
  bot: 'broken.ts',
  load: { conversations: 3, least: 9, most: 9, pauseMs: 50 },
  harm: async (stage) => stage.did('broken bot'),
  settleMs: 3000,
}
