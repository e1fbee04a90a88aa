import type { DeadLetterView, ReplayView } from '../../apps/console/api-types'
import { planned, readForPlan, sumPlans } from './replay-plan'

const call = (changed: Partial<ReplayView['calls'][number]>): ReplayView['calls'][number] => ({
  operation: 'push',
  messages: 2,
  does: 'send',
  billed: false,
  maybeTwice: false,
  ...changed,
})
const plan = (changed: Partial<ReplayView>): ReplayView => ({
  possible: true,
  words: '',
  runsHandler: false,
  calls: [],
  ...changed,
})

test('adds up what goes out, and counts as billed or twice only that', () => {
  const sum = sumPlans([
    plan({ calls: [call({ billed: true }), call({ maybeTwice: true, messages: 1 })] }),
    plan({
      runsHandler: true,
      calls: [call({ does: 'stays_sent', billed: true, maybeTwice: true }), call({ does: 'drop' })],
    }),
    plan({ possible: false, runsHandler: true, calls: [call({ billed: true })] }),
  ])
  expect(sum).toEqual({
    letters: 3,
    impossible: 1,
    handlers: 1,
    sends: 2,
    messages: 3,
    billed: 1,
    maybeTwice: 1,
    stays: 1,
    dropped: 1,
  })
})

test('reads some of many, and leaves out what is gone', async () => {
  const letters = Array.from({ length: 100 }, (_, index) => ({ bot: 'shop', id: String(index) }))
  const views = await readForPlan(letters, async ({ id }) => {
    if (id === '3') throw new Error('gone')
    return { id } as DeadLetterView
  })
  expect(views.map(({ id }) => id)).toEqual(
    letters
      .slice(0, planned)
      .map(({ id }) => id)
      .filter((id) => id !== '3'),
  )
})
