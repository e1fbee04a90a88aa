import { createJournalMode } from './journal-mode'

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

const away = 'Redis connection is closed'

/** A mode that looks every 100 ms; each word of the script is one look. */
function setup() {
  const mode = createJournalMode({ random: () => 0 })
  let now = 1_000_000
  const looks = {
    empty: {},
    appending: { appending: true },
    few: { holding: { files: 1, bytes: 1000 } },
    many: { holding: { files: 5, bytes: 10_000_000 } },
    away: { problem: away },
    'away with many': { problem: away, holding: { files: 5, bytes: 10_000_000 } },
  }
  const see = (...script: (keyof typeof looks)[]) =>
    script.map((word) => {
      jest.advanceTimersByTime(100)
      const base = {
        problem: undefined,
        holding: { files: 0, bytes: 0 },
        appending: false,
        now: (now += 100),
      }
      mode.observe({ ...base, ...looks[word] })
      return mode.current()
    })
  return { mode, see }
}

test('begins with the journal while Redis is away', () => {
  const { mode, see } = setup()
  expect([mode.current(), ...see('away', 'away')]).toEqual(['journal', 'journal', 'journal'])
})

test('goes to Redis when two looks 250 ms apart saw nothing', () => {
  const { see } = setup()
  expect(see('empty', 'empty', 'empty', 'empty')).toEqual(['held', 'held', 'held', 'direct'])
})

test('begins to count again when this process or another wrote in between', () => {
  const { see } = setup()
  expect(see('empty', 'empty', 'empty', 'few', 'empty', 'empty', 'empty')).not.toContain('direct')
  const again = setup()
  expect(again.see('empty', 'empty', 'appending', 'empty', 'empty')).not.toContain('direct')
})

test.each(['few', 'many', 'away', 'away with many'] as const)(
  'goes to the journal at the look that sees %s',
  (look) => {
    const { see } = setup()
    expect(see('empty', 'empty', 'empty', 'empty', 'empty', look).slice(-2)).toEqual(['direct', 'journal'])
  },
)

test('goes to the journal at the first post that fails', () => {
  const { mode, see } = setup()
  see('empty', 'empty', 'empty', 'empty')
  mode.failed()
  expect(mode.current()).toBe('journal')
  // And needs the whole time again.
  expect(see('empty', 'empty', 'empty')).not.toContain('direct')
})

test('does not hold while much is left', () => {
  const { see } = setup()
  expect(see('many', 'many', 'many')).toEqual(['journal', 'journal', 'journal'])
})

test('holds for 800 ms at most, and not again for seconds', () => {
  const { see } = setup()
  const script = Array.from({ length: 40 }, () => 'few' as const)
  const states = see(...script)
  expect(states.slice(0, 8)).toEqual(Array(8).fill('held'))
  expect(states.slice(8, 38)).toEqual(Array(30).fill('journal'))
  expect(states[38]).toBe('held')
})

test('holds for 800 ms at most when no look comes to its end', async () => {
  const { mode, see } = setup()
  see('few')
  const decided = mode.decided()
  jest.advanceTimersByTime(799)
  expect(mode.current()).toBe('held')
  jest.advanceTimersByTime(1)
  await decided
  expect(mode.current()).toBe('journal')
})

test('a hold that ended well does not end what comes after it', () => {
  const { mode, see } = setup()
  see('empty', 'empty', 'empty', 'empty')
  jest.advanceTimersByTime(5000)
  expect(mode.current()).toBe('direct')
})

test('stops holding when Redis goes away', () => {
  const { see } = setup()
  expect(see('few', 'away', 'few')).toEqual(['held', 'journal', 'held'])
})

test('lets those who wait go on when it is decided', async () => {
  const { mode, see } = setup()
  see('few')
  let waited = false
  const decided = mode.decided().then(() => (waited = true))
  see('few')
  await Promise.resolve()
  expect(waited).toBe(false)
  see('empty', 'empty', 'empty', 'empty')
  await decided
  expect(mode.current()).toBe('direct')
})

test('lets nobody wait when the process ends', async () => {
  const { mode, see } = setup()
  see('few')
  const decided = mode.decided()
  mode.close()
  await decided
  expect(mode.current()).toBe('journal')
})
