import type { Answer, PermitRequest } from '.'
import { createDesk } from './desk'
import type { AskReply, Spare } from './store'

/** A desk whose Redis answers when the test says so. */
function setup() {
  const asked: {
    id: string
    count: number
    reply: (spares: number, calm?: boolean) => void
    fail: () => void
  }[] = []
  const givenBack: Spare[] = []
  const desk = createDesk({
    askRedis: (request, count) =>
      new Promise<AskReply>((resolve, reject) => {
        const { id } = request
        const reply = (spares: number, calm = true) => resolve(replyTo(request, spares, calm))
        asked.push({ id, count, reply, fail: () => reject(new Error('away')) })
      }),
    giveBack: (spares) => void givenBack.push(...spares),
  })
  const order: string[] = []
  const ask = async (id: string, more: Partial<PermitRequest> = {}) => {
    const answer = await desk.ask({ id, limit, ...more })
    order.push(id)
    return answer
  }
  /** As it is after the first answer. */
  const calm = async () => {
    const first = ask('first')
    asked.shift()?.reply(0)
    await first
    order.length = 0
  }
  return { desk, asked, givenBack, order, ask, calm }
}

const limit = { scope: 'test:desk:send', amount: 1000, perMs: 1000 }
const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

function replyTo({ id }: PermitRequest, spares: number, calm: boolean): AskReply {
  const permit = { id, limit, priority: 0, grantedAt: 0 }
  const answer: Answer = calm
    ? { kind: 'granted', permit, waitedMs: 0 }
    : { kind: 'wait', ms: 5, reason: 'limit' }
  const names = Array.from({ length: spares }, (_, i) => ({ name: `spare ${i}`, priority: 1e13 }))
  return { answer, breaker: 'closed', calm, spares: names }
}

test('before it is known that all is calm everybody asks for themselves', async () => {
  const { asked, ask } = setup()
  const both = [ask('a'), ask('b')]
  expect(asked.map(({ id, count }) => [id, count])).toEqual([
    ['a', 1],
    ['b', 1],
  ])
  for (const { reply } of asked) reply(0, false)
  await Promise.all(both)
})

test('while all is calm one question fetches permits for all who came, and those who come meanwhile are next', async () => {
  const { asked, ask, calm } = setup()
  await calm()
  const early = [ask('a'), ask('b'), ask('c')]
  await tick()
  expect(asked.map(({ id, count }) => [id, count])).toEqual([['a', 3]])
  const late = ask('d')
  asked.shift()?.reply(2)
  await Promise.all(early)
  await tick()
  // Itself, and as many as were used just now.
  expect(asked.map(({ id, count }) => [id, count])).toEqual([['d', 4]])
  asked.shift()?.reply(3)
  await late
  expect(await ask('e')).toMatchObject({ kind: 'granted', permit: { id: 'e', name: 'spare 2' } })
  expect(asked).toEqual([])
})

test('where there are fewer permits than calls, the nearest deadline goes first', async () => {
  const { asked, order, ask, calm } = setup()
  await calm()
  const all = [ask('none'), ask('late', { deadline: 9000 }), ask('soon', { deadline: 1000 })]
  await tick()
  expect(asked).toMatchObject([{ id: 'soon', count: 3 }])
  asked.shift()?.reply(1)
  await tick()
  expect(order).toEqual(['soon', 'late'])
  expect(asked).toMatchObject([{ id: 'none' }])
  asked.shift()?.reply(0)
  await Promise.all(all)
})

test('when something is going on, those who came along ask for themselves, all at once', async () => {
  const { asked, ask, calm } = setup()
  await calm()
  const all = [ask('a'), ask('b'), ask('c')]
  await tick()
  asked.shift()?.reply(0, false)
  expect(await all[0]).toMatchObject({ kind: 'wait' })
  await tick()
  expect(asked.map(({ id, count }) => [id, count])).toEqual([
    ['b', 1],
    ['c', 1],
  ])
  for (const { reply } of asked) reply(0, false)
  await Promise.all(all)
})

test('permits that were under way when something happened go back, and whoever came along asks anew', async () => {
  const { desk, asked, givenBack, ask, calm } = setup()
  await calm()
  const all = [ask('a'), ask('b')]
  await tick()
  desk.unsettle()
  asked.shift()?.reply(5)
  expect(await all[0]).toMatchObject({ kind: 'granted' })
  expect(givenBack).toHaveLength(5)
  expect(desk.isCalm()).toBe(false)
  await tick()
  expect(asked).toMatchObject([{ id: 'b', count: 1 }])
  asked.shift()?.reply(0)
  await Promise.all(all)
  expect(desk.isCalm()).toBe(true)
})

describe('a permit that is fetched ahead', () => {
  test('is for whoever asks next, also while it is under way', async () => {
    const { desk, asked, ask, calm } = setup()
    await calm()
    desk.fetchAhead(limit)
    const meanwhile = ask('a')
    await tick()
    expect(asked).toMatchObject([{ id: expect.stringMatching(/^ahead /), count: 0 }])
    const { id } = asked[0]!
    asked.shift()?.reply(0)
    expect(await meanwhile).toMatchObject({ kind: 'granted', permit: { id: 'a', name: id } })
    expect(asked).toEqual([])
  })

  test('is not asked for twice, nor where something is going on', async () => {
    const { desk, asked, ask, calm } = setup()
    desk.fetchAhead(limit)
    expect(asked).toEqual([])
    await calm()
    desk.fetchAhead(limit)
    desk.fetchAhead(limit)
    expect(asked).toHaveLength(1)
    desk.unsettle()
    asked.shift()?.reply(0)
    await tick()
    desk.fetchAhead(limit)
    expect(asked).toEqual([])
    const next = ask('a')
    asked.shift()?.reply(0, false)
    expect(await next).toMatchObject({ kind: 'wait' })
  })

  test('that Redis does not give fails nobody', async () => {
    const { desk, asked, ask, calm } = setup()
    await calm()
    desk.fetchAhead(limit)
    const meanwhile = ask('a')
    asked.shift()?.fail()
    await tick()
    expect(asked).toMatchObject([{ id: 'a' }])
    asked.shift()?.reply(0)
    expect(await meanwhile).toMatchObject({ kind: 'granted' })
  })
})

test('a Redis that does not answer fails all who came along, and the next one asks again', async () => {
  const { asked, ask, calm } = setup()
  await calm()
  const all = [ask('a'), ask('b')]
  await tick()
  asked.shift()?.fail()
  for (const each of all) await expect(each).rejects.toThrow('away')
  const next = ask('c')
  await tick()
  asked.shift()?.reply(0)
  expect(await next).toMatchObject({ kind: 'granted' })
})
