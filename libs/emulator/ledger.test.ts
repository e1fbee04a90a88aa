import { LedgerTimeoutError, createLedger, type NewEntry } from './ledger'

const entry = (operation: string, extra: Partial<NewEntry> = {}): NewEntry => ({
  platform: 'line',
  kind: 'message',
  operation,
  status: 200,
  ...extra,
})
const operations = (entries: { operation: string }[]) => entries.map((e) => e.operation)

describe('the ledger', () => {
  test('numbers its entries without gaps and tells what came after one', () => {
    const ledger = createLedger({ clock: () => 7 })
    for (const operation of ['a', 'b', 'c']) ledger.append(entry(operation))
    expect(ledger.after(0)).toMatchObject([{ seq: 1, at: 7 }, { seq: 2 }, { seq: 3 }])
    expect(operations(ledger.after(1))).toEqual(['b', 'c'])
    expect(ledger.after(3)).toEqual([])
    expect(ledger.after(99)).toEqual([])
  })

  test('drops the oldest when it is full', () => {
    const ledger = createLedger({ clock: Date.now, capacity: 3 })
    for (let i = 1; i <= 20; i++) {
      ledger.append(entry(String(i)))
      expect(operations(ledger.after(0)).at(0)).toBe(String(Math.max(1, i - 2)))
    }
    expect(operations(ledger.after(19))).toEqual(['20'])
  })

  test('finds messages by platform and conversation', () => {
    const ledger = createLedger({ clock: Date.now })
    ledger.append(entry('one', { conversation: { kind: 'user', id: 'U1' } }))
    ledger.append(entry('many', { to: ['U1', 'U2'] }))
    ledger.append(entry('call', { kind: 'api' }))
    ledger.append(entry('other', { platform: 'tocaro' }))
    expect(operations(ledger.messages())).toEqual(['one', 'many', 'other'])
    expect(operations(ledger.messages({ conversation: 'U1', platform: 'line' }))).toEqual(['one', 'many'])
  })

  test('waits for an entry of the past or the future', async () => {
    const ledger = createLedger({ clock: Date.now })
    const future = ledger.waitFor((e) => e.operation === 'b', 5000)
    ledger.append(entry('a'))
    ledger.append(entry('b'))
    expect((await future).seq).toBe(2)
    expect((await ledger.waitFor((e) => e.operation === 'a', 0)).seq).toBe(1)
  })

  test('says what was there last when nothing comes', async () => {
    const ledger = createLedger({ clock: Date.now })
    ledger.append(entry('push', { status: 429, kind: 'api' }))
    const wait = ledger.waitFor(() => false, 5)
    await expect(wait).rejects.toThrow(LedgerTimeoutError)
    await expect(wait).rejects.toThrow('#1 api line push 429')
  })
})
