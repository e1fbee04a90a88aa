import type { BulkRef, LetterName, Replayed } from '#libs/mailbox'
import type { Logger } from '#libs/observability'
import type { BulkResult } from './api-types'

type Result = Replayed | 'discarded'

/** Replays or discards letters and tells after each what came of it; may end with an error in the middle. */
export type BulkAction = (
  refs: BulkRef[],
  onResult: (letter: LetterName, result: Result) => void,
) => Promise<void>

export const failedWords = {
  gone: 'Somebody else was faster: it was replayed or discarded already.',
  skipped: 'It can not be replayed this way and stays; its plan says why.',
  unclear: 'Redis did not answer: it may have been done or not. Look again.',
}

/** Does it as far as it gets, and says of every letter what came of it. */
export async function runBulk(refs: BulkRef[], action: BulkAction, log: Logger): Promise<BulkResult> {
  const result: BulkResult = { done: 0, failed: [] }
  const told = new Set<string>()
  const onResult = ({ bot, id }: LetterName, what: Result) => {
    told.add(`${bot} ${id}`)
    if (what === 'replayed' || what === 'discarded') result.done += 1
    else result.failed.push({ bot, id, words: failedWords[what] })
  }
  try {
    await action(refs, onResult)
  } catch (error) {
    log.error(
      { error: String(error), done: result.done, of: refs.length },
      'dead letters: ended in the middle',
    )
    for (const { bot, id } of refs)
      if (!told.has(`${bot} ${id}`)) result.failed.push({ bot, id, words: failedWords.unclear })
  }
  return result
}
