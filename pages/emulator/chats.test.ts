import type { ChatLine, PhoneState } from '../../libs/emulator/page-types'
import { chatsOf, isNote, mayEdit, mayUnsend, quickRepliesOf, speakersOf, stateOf, unread } from './chats'

const taro = { id: 'U1', name: 'Taro' }
const hanako = { id: 'U2', name: 'Hanako' }
const team = { id: 'C1', name: 'Team', kind: 'group' as const, members: ['U2'], joined: true }

function phone(fields: Partial<PhoneState> = {}): PhoneState {
  const bot = { platform: 'line' as const, bot: 'b', botName: 'B', webhookUrl: 'http://x' }
  return { ...bot, users: [taro, hanako], rooms: [team], lines: [], ...fields }
}

function line(fields: Partial<ChatLine>): ChatLine {
  return { seq: 1, id: 'a', at: 1, platform: 'line', lane: 'user:U1', from: { kind: 'bot' }, ...fields }
}

test('one chat for each user and room, and for lines that belong to none of them', () => {
  const lines = [line({ lane: 'user:U9' }), line({ lane: 'group:C:9' }), line({})]
  expect(chatsOf(phone({ lines })).map(({ lane, title }) => [lane, title])).toEqual([
    ['user:U1', 'Taro'],
    ['user:U2', 'Hanako'],
    ['group:C1', 'Team'],
    ['user:U9', 'U9'],
    ['group:C:9', 'C:9'],
  ])
})

test('Tocaro has rooms only', () => {
  expect(chatsOf(phone({ platform: 'tocaro' })).map(({ lane }) => lane)).toEqual(['group:C1'])
})

test('in a room its members speak, in a room without members anybody', () => {
  expect(speakersOf({ lane: 'group:C1', title: '', room: team }, phone())).toEqual([hanako])
  expect(speakersOf({ lane: 'x', title: '', room: { ...team, members: [] } }, phone())).toHaveLength(2)
  expect(speakersOf({ lane: 'user:U1', title: '', user: taro }, phone())).toEqual([taro])
})

test('quick replies are there until something else is said; notes do not count', () => {
  const items = [{ action: { type: 'message', text: 'a' } }]
  const asked = line({ message: { type: 'text', quickReply: { items } } })
  const note = line({ from: { kind: 'note' } })
  const answer = line({ from: { kind: 'user', ...taro } })
  expect(quickRepliesOf([asked, note])?.items).toEqual(items)
  expect(quickRepliesOf([asked, answer])).toBeUndefined()
  expect(quickRepliesOf([asked, line({})])).toBeUndefined()
  expect(quickRepliesOf([line({ message: { quickReply: { items: [] } } })])).toBeUndefined()
  expect(quickRepliesOf([])).toBeUndefined()
})

test('LINE alone takes back, and edits texts in groups', () => {
  const own = line({ from: { kind: 'user', ...taro }, messageId: '1', message: { type: 'text' } })
  expect([mayUnsend(own), mayEdit(own), mayEdit({ ...own, lane: 'group:C1' })]).toEqual([true, false, true])
  expect(mayEdit({ ...own, lane: 'group:C1', message: { type: 'sticker' } })).toBe(false)
  expect(mayUnsend({ ...own, unsent: true })).toBe(false)
  expect(mayUnsend({ ...own, platform: 'lineworks' })).toBe(false)
  expect(mayUnsend(line({ messageId: '1' }))).toBe(false)
})

test('what became of a line', () => {
  const delivery = (status: number) => line({ delivery: { status, outcome: 'x', ms: 1 } })
  expect([line({}), delivery(200), delivery(500), delivery(0)].map(stateOf)).toEqual([
    'sending',
    'delivered',
    'failed',
    'failed',
  ])
})

test('news are the bot’s lines in another chat', () => {
  const lines = [line({ seq: 1 }), line({ seq: 5 }), line({ seq: 6, from: { kind: 'note' } })]
  expect([unread(lines, 'user:U1', 1), unread(lines, 'user:U2', 0)]).toEqual([1, 0])
})

test('a tap without a message is a note, a message that was taken back is none', () => {
  const said = line({ from: { kind: 'user', ...taro } })
  expect([isNote(said), isNote({ ...said, unsent: true }), isNote({ ...said, message: {} })]).toEqual([
    true,
    false,
    false,
  ])
})
