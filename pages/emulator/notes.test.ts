import type { ChatLine } from '../../libs/emulator/page-types'
import { noteWords, operationOf } from './notes'

const nameOf = (id: string) => (id === 'U1' ? '太郎' : id)
const note = (fields: Partial<ChatLine>): ChatLine => ({
  seq: 1,
  id: 'a',
  at: 1,
  platform: 'line',
  lane: 'user:U1',
  from: { kind: 'note' },
  ...fields,
})

test('notes of known kinds are in the reader’s language, with what is particular about them', () => {
  const both = (fields: Partial<ChatLine>) =>
    (['en', 'ja'] as const).map((language) => noteWords(note(fields), { language, nameOf }))
  expect(both({ note: 'followed', words: '太郎 followed the bot' })).toEqual([
    '太郎 added the bot',
    '太郎 がボットを友だち追加しました',
  ])
  expect(both({ note: 'members_joined', words: 'Aki, Ben joined' })[1]).toBe('Aki, Ben が参加しました')
  expect(both({ note: 'postback', words: 'postback a={user}' })).toEqual([
    'Postback: a={user}',
    'ポストバック: a={user}',
  ])
  expect(both({ note: 'tapped', words: 'copied joined' })[1]).toBe('コピーしました: joined')
  expect(both({ words: 'anything' })).toEqual(['anything', 'anything'])
})

test('which call a refusal is about', () => {
  expect(operationOf(note({ words: 'The platform refused users.messages: 429' }))).toBe('users.messages')
  expect(operationOf(note({ words: 'No answer to push (timeout)' }))).toBe('push')
  expect(operationOf(note({}))).toBe('API')
})
