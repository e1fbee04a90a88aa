import { type Event, HooklineError } from '#libs/contract'
import type { JournalRecord } from '#libs/journal'
import { createLogger, createMetrics } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import type { Mode } from './journal-mode'
import { createEventStore } from './store-events'

const day = 86_400_000
const away = new HooklineError('store_unavailable', 'Redis did not take 1 event(s) of bot shop.')

function event(key: string, user = 'U1', type: 'text' | 'unknown' = 'text'): Event {
  const conversation = { kind: 'user' as const, id: user }
  const base = {
    key,
    bot: 'shop',
    platform: 'line' as const,
    conversation,
    occurredAt: 1,
    receivedAt: 1,
    raw: {},
  }
  return type === 'text' ? { ...base, type, text: key } : { ...base, type, reason: 'odd' }
}

/** A store whose posts and appends end when, and as, the test says. */
function setup(first: Mode = 'direct') {
  const order: string[] = []
  const windows: number[] = []
  const posts: { keys: string[]; end: (result: boolean | Error) => void }[] = []
  const appends: { keys: string[]; end: (error?: Error) => void }[] = []
  const doubts: string[] = []
  let mode = first
  let decide: () => void = () => undefined
  const decided = new Promise<void>((resolve) => (decide = resolve))
  const metrics = createMetrics()
  const eventStore = createEventStore({
    mailbox: {
      post: (events, dedupeWindowMs) =>
        new Promise((resolve, reject) => {
          const keys = events.map(({ key }) => key)
          order.push(...keys.map((key) => `post ${key}`))
          windows.push(dedupeWindowMs)
          posts.push({
            keys,
            end: (result) => (result instanceof Error ? reject(result) : resolve(events.map(() => result))),
          })
        }),
    },
    journal: {
      append: (records: JournalRecord[]) =>
        new Promise((resolve, reject) => {
          const keys = records.map(({ event: { key } }) => key)
          order.push(...keys.map((key) => `append ${key}`))
          appends.push({ keys, end: (error) => (error ? reject(error) : resolve()) })
        }),
    },
    mode: {
      current: () => mode,
      decided: async () => (mode === 'held' ? decided : undefined),
      failed: () => (mode = 'journal'),
    },
    health: { suspect: () => void doubts.push('doubt') },
    metrics,
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const decideFor = (next: Mode) => {
    mode = next
    decide()
  }
  const counted = async (name: 'events' | 'duplicates' | 'unknownEvents' | 'journalEvents') =>
    (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value }))
  const store = (events: Event[], windowMs: number) => eventStore.store(events, windowMs)
  return { store, order, windows, posts, appends, doubts, decideFor, counted }
}

test('posts events, in order, and counts what was new, known before and not understood', async () => {
  const { store, posts, counted } = setup()
  const stored = store([event('e1'), event('e2'), event('e3', 'U1', 'unknown')], day)
  await eventually(() => expect(posts.map(({ keys }) => keys)).toEqual([['e1'], ['e2'], ['e3']]))
  posts[0]?.end(true)
  posts[1]?.end(false)
  posts[2]?.end(true)
  expect(await stored).toBe('stored')
  expect(await counted('events')).toEqual([
    { bot: 'shop', type: 'text', value: 1 },
    { bot: 'shop', type: 'unknown', value: 1 },
  ])
  expect(await counted('duplicates')).toEqual([{ bot: 'shop', value: 1 }])
  expect(await counted('unknownEvents')).toEqual([{ bot: 'shop', value: 1 }])
})

test('is done at once where there are no events', async () => {
  const { store, order } = setup()
  expect(await store([], day)).toBe('stored')
  expect(order).toEqual([])
})

test('remembers each event for a day at least', async () => {
  const { store, windows, posts } = setup()
  void store([event('e1', 'U1')], 1000)
  void store([event('e2', 'U2')], 7 * day)
  await eventually(() => expect(posts).toHaveLength(2))
  expect(windows).toEqual([day, 7 * day])
})

test('journals what Redis did not take, and everything after it', async () => {
  const { store, order, posts, appends, doubts, counted } = setup()
  const first = store([event('e1')], day)
  await eventually(() => expect(posts).toHaveLength(1))
  posts[0]?.end(away)
  await eventually(() => expect(appends).toHaveLength(1))
  appends[0]?.end()
  expect([await first, doubts]).toEqual(['journaled', ['doubt']])
  const second = store([event('e2', 'U2')], day)
  await eventually(() => expect(appends).toHaveLength(2))
  appends[1]?.end()
  expect(await second).toBe('journaled')
  expect(order).toEqual(['post e1', 'append e1', 'append e2'])
  expect(await counted('journalEvents')).toEqual([{ bot: 'shop', value: 2 }])
})

test('keeps a conversation in order when a post fails late, and others do not wait for it', async () => {
  const { store, order, posts, appends, decideFor } = setup()
  const failing = store([event('a1', 'A')], day)
  const behind = [store([event('a2', 'A')], day), store([event('a3', 'A')], day)]
  const beside = store([event('b1', 'B')], day)
  await eventually(() => expect(order).toEqual(['post a1', 'post b1']))
  posts[1]?.end(true)
  expect(await beside).toBe('stored')
  // Somebody else's post failed: from now on the journal, also for new events of this conversation.
  decideFor('journal')
  const last = store([event('a4', 'A')], day)
  const other = store([event('c1', 'C')], day)
  await eventually(() => expect(order).toContain('append c1'))
  expect(order).not.toContain('append a4')
  posts[0]?.end(away)
  await eventually(() => expect(order).toContain('append a1'))
  expect(order).not.toContain('append a2')
  for (const append of appends) append.end()
  await eventually(() => expect(appends.at(-1)?.keys).toEqual(['a2', 'a3', 'a4']))
  appends.at(-1)?.end()
  expect(await Promise.all([failing, ...behind, last, other])).toEqual(Array(5).fill('journaled'))
})

test('never has two posts of one conversation under way', async () => {
  const { store, order, posts } = setup()
  const all = ['e1', 'e2', 'e3'].map((key) => store([event(key)], day))
  await eventually(() => expect(order).toEqual(['post e1']))
  posts[0]?.end(true)
  // What waited goes together.
  await eventually(() => expect(order).toEqual(['post e1', 'post e2', 'post e3']))
  posts[1]?.end(true)
  posts[2]?.end(true)
  expect(await Promise.all(all)).toEqual(['stored', 'stored', 'stored'])
})

test('journals a whole group when a part of it was not taken', async () => {
  const { store, posts, appends } = setup()
  const stored = store([event('e1'), event('e2')], day)
  await eventually(() => expect(posts).toHaveLength(2))
  posts[0]?.end(true)
  posts[1]?.end(away)
  await eventually(() => expect(appends.map(({ keys }) => keys)).toEqual([['e1', 'e2']]))
  appends[0]?.end()
  expect(await stored).toBe('journaled')
})

test('waits while it is not decided, and then goes where it was decided', async () => {
  const { store, order, posts, decideFor } = setup('held')
  const stored = store([event('e1')], day)
  expect(order).toEqual([])
  decideFor('direct')
  await eventually(() => expect(order).toEqual(['post e1']))
  posts[0]?.end(true)
  expect(await stored).toBe('stored')
})

test('rejects when the journal takes nothing either, and goes on with the next', async () => {
  const { store, appends } = setup('journal')
  const full = new HooklineError('store_unavailable', 'The journal is full')
  const first = store([event('e1')], day)
  const second = store([event('e2')], day)
  await eventually(() => expect(appends).toHaveLength(1))
  appends[0]?.end(full)
  await expect(first).rejects.toBe(full)
  await eventually(() => expect(appends).toHaveLength(2))
  appends[1]?.end()
  expect(await second).toBe('journaled')
})

test('rejects when the disk does not answer, and goes on with the next', async () => {
  jest.useFakeTimers()
  try {
    const { store, appends } = setup('journal')
    const first = store([event('e1')], day)
    const rejected = expect(first).rejects.toMatchObject({ code: 'store_unavailable' })
    const second = store([event('e2')], day)
    await jest.advanceTimersByTimeAsync(1399)
    expect(appends).toHaveLength(1)
    await jest.advanceTimersByTimeAsync(1)
    await rejected
    expect(appends).toHaveLength(2)
    appends[1]?.end()
    expect(await second).toBe('journaled')
  } finally {
    jest.useRealTimers()
  }
})

test('does not hide a bug behind the journal', async () => {
  const { store, posts, order } = setup()
  const stored = store([event('e1')], day)
  await eventually(() => expect(posts).toHaveLength(1))
  posts[0]?.end(new TypeError('a bug'))
  await expect(stored).rejects.toThrow('a bug')
  expect(order).toEqual(['post e1'])
})
