import type { Stage } from '../scenario'
import type { Load } from '../traffic'
import { sleep } from '../until'

/** Does something again and again, at random times. */
export async function rounds(
  stage: Stage,
  { times, pauseMs: [min, max] }: { times: number; pauseMs: [number, number] },
  once: () => Promise<void> | void,
): Promise<void> {
  for (let round = 0; round < times; round++) {
    await sleep(stage.random.between(min, max))
    await once()
  }
}

/** Some thirty events per second, as long as the harm goes on. */
export const steady: Load = { conversations: 40, least: 5, most: 20, pauseMs: 1200 }
