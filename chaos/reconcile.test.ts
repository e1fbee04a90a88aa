import { type Accepted, type Call, type Ledgers, type SentEvent, reconcile } from './reconcile'

/** A conversation `cNN` on LINE WORKS unless told otherwise; each event acked at 1000 × its number. */
function sent(label: string, more: Partial<SentEvent> = {}): SentEvent {
  const [conversation = '', sequence] = label.split('/')
  return {
    label,
    platform: 'lineworks',
    conversation,
    sequence: Number(sequence),
    ackedAt: Number(sequence) * 1000,
    mustPark: false,
    ...more,
  }
}

function accepted(label: string, at: number, more: Partial<Accepted> = {}): Accepted {
  return { label, conversation: label.split('/')[0] ?? '', at, ...more }
}

function call(label: string, startedAt: number, clear: boolean): Call {
  return { label, startedAt, endedAt: startedAt + 10, clear, how: clear ? 'answered' : 'cut' }
}

const judge = (ledgers: Partial<Ledgers>) =>
  reconcile({ sent: [], accepted: [], calls: [], parked: [], waiting: [], ...ledgers })

test('finds nothing wrong where every acked event was answered once and in order', () => {
  const verdict = judge({
    sent: [sent('c01/1'), sent('c01/2'), sent('c02/1')],
    accepted: [accepted('c01/1', 1100), accepted('c02/1', 1200), accepted('c01/2', 2400)],
  })
  expect(verdict).toEqual({
    sent: 3,
    acked: 3,
    delivered: 3,
    lost: 0,
    late: 0,
    reordered: 0,
    repeated: 0,
    unknowable: 0,
    parked: 0,
    unasked: 0,
    slowestAnswerMs: 400,
    offences: [],
  })
})

describe('lost', () => {
  test('an acked event that is neither accepted nor parked', () => {
    const verdict = judge({ sent: [sent('c01/1'), sent('c01/2')], accepted: [accepted('c01/1', 1100)] })
    expect(verdict).toMatchObject({ acked: 2, delivered: 1, lost: 1 })
    expect(verdict.offences).toEqual([
      'lost: c01/2 (lineworks) was acknowledged, never accepted and not parked',
    ])
  })

  test('one that still waits in its lane is late instead, which fails as well', () => {
    const verdict = judge({ sent: [sent('c01/1')], waiting: ['c01/1'] })
    expect(verdict).toMatchObject({ lost: 0, late: 1 })
    expect(verdict.offences).toEqual(['late: c01/1 (lineworks) was acknowledged and still waits in its lane'])
  })

  test('not one that was never acked', () => {
    const verdict = judge({ sent: [sent('c01/1', { ackedAt: undefined })] })
    expect(verdict).toMatchObject({ sent: 1, acked: 0, lost: 0, unasked: 0, offences: [] })
  })

  test('one that was never acked but answered is counted apart', () => {
    const verdict = judge({
      sent: [sent('c01/1', { ackedAt: undefined })],
      accepted: [accepted('c01/1', 1100)],
    })
    expect(verdict).toMatchObject({ delivered: 0, unasked: 1, offences: [] })
  })
})

describe('reordered', () => {
  test('a message after a later one of its conversation', () => {
    const verdict = judge({
      sent: [sent('c01/1'), sent('c01/2')],
      accepted: [accepted('c01/2', 2100), accepted('c01/1', 2200)],
    })
    expect(verdict.reordered).toBe(1)
    expect(verdict.offences).toEqual(['reordered: c01/1 (lineworks) was accepted after c01/2'])
  })

  test('a repeat after a later message, although the repeat itself is excused', () => {
    const verdict = judge({
      sent: [sent('c01/1'), sent('c01/2')],
      accepted: [accepted('c01/1', 1100), accepted('c01/2', 2100), accepted('c01/1', 2200)],
      calls: [call('c01/1', 1095, false), call('c01/2', 2095, true), call('c01/1', 2195, true)],
    })
    expect(verdict).toMatchObject({ reordered: 1, repeated: 1, unknowable: 1 })
    expect(verdict.offences).toHaveLength(1)
  })

  test('not messages of different conversations', () => {
    const verdict = judge({
      sent: [sent('c01/1'), sent('c02/2')],
      accepted: [accepted('c02/2', 2100), accepted('c01/1', 2200)],
    })
    expect(verdict.reordered).toBe(0)
  })

  test('not an event that its platform gave up', () => {
    const verdict = judge({
      sent: [sent('c01/1', { ackedAt: undefined }), sent('c01/2')],
      accepted: [accepted('c01/2', 2100), accepted('c01/1', 2200)],
    })
    expect(verdict).toMatchObject({ reordered: 0, offences: [] })
  })
})

describe('repeated', () => {
  const twice = [accepted('c01/1', 1100), accepted('c01/1', 3100)]

  test('is excused when the call before had no answer that could be noted', () => {
    const calls = [call('c01/1', 1095, false), call('c01/1', 3095, true)]
    const verdict = judge({ sent: [sent('c01/1')], accepted: twice, calls })
    expect(verdict).toMatchObject({ delivered: 1, repeated: 1, unknowable: 1, offences: [] })
  })

  test('is not excused when the call before was answered', () => {
    const calls = [call('c01/1', 1095, true), call('c01/1', 3095, true)]
    const verdict = judge({ sent: [sent('c01/1')], accepted: twice, calls })
    expect(verdict).toMatchObject({ repeated: 1, unknowable: 0 })
    expect(verdict.offences).toEqual([
      'repeated: c01/1 (lineworks) was accepted 2 times, although an earlier call was answered (0–10 ms answered, 2000–2010 ms answered)',
    ])
  })

  test('is not excused by an unclear call when another was answered', () => {
    const thrice = [...twice, accepted('c01/1', 5100)]
    const calls = [call('c01/1', 1095, false), call('c01/1', 3095, true), call('c01/1', 5095, true)]
    const verdict = judge({ sent: [sent('c01/1')], accepted: thrice, calls })
    expect(verdict).toMatchObject({ repeated: 2, unknowable: 1 })
    expect(verdict.offences).toHaveLength(1)
  })

  test('is not excused by the unclear call that made it', () => {
    const calls = [call('c01/1', 1095, true), call('c01/1', 3095, false)]
    expect(judge({ sent: [sent('c01/1')], accepted: twice, calls }).unknowable).toBe(0)
  })

  test('is not excused when two workers make the call at the same time', () => {
    const sameTime = [accepted('c01/1', 1100), accepted('c01/1', 1103)]
    const calls = [call('c01/1', 1095, true), call('c01/1', 1098, true)]
    expect(judge({ sent: [sent('c01/1')], accepted: sameTime, calls }).unknowable).toBe(0)
  })

  test('is excused when the platform does the first, unanswered call late', () => {
    const calls = [
      { label: 'c01/1', startedAt: 1000, endedAt: 4000, clear: false, how: 'cut' },
      call('c01/1', 1095, true),
    ]
    expect(judge({ sent: [sent('c01/1')], accepted: twice, calls })).toMatchObject({
      repeated: 1,
      unknowable: 1,
      offences: [],
    })
  })

  test('is not excused within one call, or without any call that explains it', () => {
    const sameCall = [accepted('c01/1', 1100), accepted('c01/1', 1100)]
    const calls = [call('c01/1', 1095, false)]
    expect(judge({ sent: [sent('c01/1')], accepted: sameCall, calls }).unknowable).toBe(0)
    expect(judge({ sent: [sent('c01/1')], accepted: twice }).unknowable).toBe(0)
  })

  test('is never excused on LINE', () => {
    const verdict = judge({
      sent: [sent('c01/1', { platform: 'line' })],
      accepted: twice,
      calls: [call('c01/1', 1095, false), call('c01/1', 3095, true)],
    })
    expect(verdict).toMatchObject({ repeated: 1, unknowable: 0 })
    expect(verdict.offences).toEqual([
      'repeated: c01/1 (line) was accepted 2 times, although LINE has ways to prevent it (0–10 ms cut, 2000–2010 ms answered)',
    ])
  })
})

describe('parked', () => {
  test('is an end for an event that can only be parked', () => {
    const verdict = judge({
      sent: [sent('c01/1', { mustPark: true }), sent('c01/2')],
      accepted: [accepted('c01/2', 2100)],
      parked: [{ label: 'c01/1', reason: 'crashed' }],
    })
    expect(verdict).toMatchObject({ acked: 2, delivered: 1, lost: 0, parked: 1, offences: [] })
  })

  test('is an offence for any other', () => {
    const verdict = judge({
      sent: [sent('c01/1')],
      parked: [{ label: 'c01/1', reason: 'attempts_used_up' }],
    })
    expect(verdict).toMatchObject({ lost: 0, parked: 1 })
    expect(verdict.offences).toEqual([
      'parked: c01/1 became a dead letter (attempts_used_up) and should not have',
    ])
  })

  test('is missing where an event that can only be parked was answered', () => {
    const verdict = judge({
      sent: [sent('c01/1', { mustPark: true })],
      accepted: [accepted('c01/1', 1100)],
    })
    expect(verdict.offences).toEqual([
      "not parked: c01/1 (lineworks) was answered although its handler can't end",
    ])
  })

  test('counts as well for a message that also arrived', () => {
    const verdict = judge({
      sent: [sent('c01/1')],
      accepted: [accepted('c01/1', 1100)],
      parked: [{ label: 'c01/1', reason: 'maybe_sent' }],
    })
    expect(verdict.offences).toHaveLength(1)
  })
})

test('a message in another conversation, or that nobody sent, is an offence', () => {
  const verdict = judge({
    sent: [sent('c01/1')],
    accepted: [accepted('c01/1', 1100, { conversation: 'c09' }), accepted('c07/7', 1200)],
  })
  expect(verdict.offences).toEqual([
    'misdirected: c01/1 (lineworks) went to another conversation',
    'misdirected: c07/7 was accepted, but nobody had sent it',
  ])
})
