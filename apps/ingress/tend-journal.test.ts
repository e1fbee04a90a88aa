import type { Journal } from '#libs/journal'
import type { Mailbox } from '#libs/mailbox'
import { createLogger, createMetrics } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis } from '../../tests/support/redis'
import { createJournalMode } from './journal-mode'
import { tendJournal } from './tend-journal'

test('a journal that can not be read is not taken for an empty one', async () => {
  const seen = { looks: 0, failing: true, files: 0, problem: undefined as string | undefined }
  const journal: Partial<Journal> = {
    look: async () => {
      seen.looks += 1
      if (seen.failing) throw Object.assign(new Error('EIO: i/o error, scandir'), { code: 'EIO' })
      return { files: seen.files, bytes: seen.files * 100 }
    },
    appends: () => 0,
    isBusy: () => false,
    count: async () => seen.files,
    folderId: async () => 'id',
    close: async () => undefined,
  }
  const mode = createJournalMode()
  const redis = testRedis()
  const tending = await tendJournal({
    journal: journal as Journal,
    mode,
    health: {
      problem: () => seen.problem,
      check: async () => undefined,
      refresh: async () => undefined,
      suspect: () => undefined,
      close: () => undefined,
    },
    redis,
    // Nothing is ever drained here.
    mailbox: {} as Mailbox,
    metrics: createMetrics(),
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  const fiveLooks = async () => {
    const before = seen.looks
    await eventually(() => expect(seen.looks).toBeGreaterThan(before + 5))
  }
  try {
    await fiveLooks()
    expect(mode.current()).toBe('journal')
    seen.failing = false
    await eventually(() => expect(mode.current()).toBe('direct'))
    Object.assign(seen, { files: 1, problem: 'Redis is away' })
    await eventually(() => expect(mode.current()).toBe('journal'))
    // Redis is back, and what the journal held is still there, whatever the disk says.
    seen.failing = true
    await fiveLooks()
    seen.problem = undefined
    await fiveLooks()
    expect(mode.current()).toBe('journal')
  } finally {
    await tending.close()
    await redis.quit()
  }
})
