import type { ChatLine, NoteKind } from '../../libs/emulator/page-types'
import { translate, type Language, type Words } from '../shared/i18n'

const notes = {
  followed: ['{user} added the bot', '{user} がボットを友だち追加しました'],
  unfollowed: ['{user} blocked the bot', '{user} がボットをブロックしました'],
  bot_joined: ['The bot joined', 'ボットが参加しました'],
  bot_left: ['The bot left', 'ボットが退出しました'],
  members_joined: ['{rest} joined', '{rest} が参加しました'],
  members_left: ['{rest} left', '{rest} が退出しました'],
  postback: ['Postback: {rest}', 'ポストバック: {rest}'],
  opened: ['Opened {rest}', 'リンクを開きました: {rest}'],
  copied: ['Copied {rest}', 'コピーしました: {rest}'],
  blocked: [
    'Not shown: the user has blocked the bot',
    'ユーザーがボットをブロックしているため、表示されません',
  ],
  event: ['Event {rest}', 'イベント: {rest}'],
} as const satisfies Words

/** What the emulator's words have beside what the note's kind says: names, data, addresses. */
const around: Partial<Record<NoteKind, RegExp>> = {
  members_joined: / joined$/,
  members_left: / left$/,
  postback: /^postback /,
  tapped: /^(opened|copied) /,
  event: /^event /,
}

interface Reader {
  language: Language
  nameOf: (userId: string) => string
}

/** The words of a note in the reader's language; the emulator's own where it is of no known kind. */
export function noteWords(line: ChatLine, { language, nameOf }: Reader): string {
  const said = line.words ?? ''
  const word = wordOf(line, said)
  if (word === undefined) return said
  const rest = line.note === undefined ? said : said.replace(around[line.note] ?? '', '')
  const user = nameOf(line.lane.replace(/^user:/, ''))
  return translate(notes, { word, language, values: { rest, user } })
}

function wordOf({ note }: ChatLine, said: string): keyof typeof notes | undefined {
  if (note === 'tapped') return said.startsWith('copied ') ? 'copied' : 'opened'
  return note === undefined || note === 'refused' || note === 'unanswered' ? undefined : note
}

/** Which call of the bot a refusal is about, from `The platform refused push: 429`. */
export function operationOf({ words = '' }: ChatLine): string {
  return /(?:refused|No answer to) ([\w.]+)/.exec(words)?.[1] ?? 'API'
}
