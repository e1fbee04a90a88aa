import { createLogger } from '#libs/observability'
import { onceAMinute } from './once-a-minute'

test('tells each kind of problem once a minute, and how many were left out', () => {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1000)
  try {
    const report = onceAMinute(createLogger({ name: 'test', level: 'info', destination }), 'error')
    for (const error of ['away', 'away', 'full', 'away']) report('events were not stored', error)
    report('webhook failed', new Error('a bug'))
    clock.mockReturnValue(61_000)
    report('events were not stored', 'away')
  } finally {
    clock.mockRestore()
  }
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ level: 'error', msg: 'events were not stored', error: 'away' }),
    expect.objectContaining({ level: 'error', msg: 'events were not stored', error: 'full' }),
    expect.objectContaining({ level: 'error', msg: 'webhook failed', error: 'Error: a bug' }),
    expect.objectContaining({ msg: 'events were not stored', error: 'away', left_out: 2 }),
  ])
})
