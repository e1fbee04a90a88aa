import { Users } from 'lucide-preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Deed, PhoneState, PhoneUser } from '../../libs/emulator/page-types'
import { Button } from '../shared/parts'
import { useWords } from '../shared/i18n'
import { chatsOf, quickRepliesOf, speakersOf, unread, type Chat } from './chats'
import { Composer, type Wish } from './composer'
import { Log } from './log'
import { Menu, QuickReplies } from './menus'
import { People } from './people'
import { Picker } from './picker'
import { usePage } from './store'
import { ChattingContext } from './tapping'
import { useTaps } from './taps'
import { platformNames, words } from './words'
import './phone.css'

/** Only until the emulator has made one of its own. */
const nobody: PhoneUser = { id: 'Taro', name: 'Taro' }

/** One phone: all conversations that one platform has with the bot. */
export function Phone({ phone, webPictures }: { phone: PhoneState; webPictures: boolean }) {
  const { platform } = phone
  const { act } = usePage()
  const { chats, chat, setLane } = useChat(phone)
  const speakers = speakersOf(chat, phone)
  const [speaker, setSpeaker] = useState('')
  const me = speakers.find((user) => user.id === speaker) ?? speakers[0] ?? nobody
  const does = async (deed: Deed) => {
    const room = chat.room ? { room: chat.room.id } : {}
    await act({ platform, user: me.id, ...room, does: deed })
  }
  const nameOf = (id: string) => phone.users.find((user) => user.id === id)?.name ?? id
  const names = [phone.botName, ...phone.users.map((user) => user.name)]
  const taps = useTaps({ does })
  const chatting = { platform, tap: taps.tap, nameOf, names, webPictures }
  return (
    <section class="phone" data-platform={platform} aria-label={platformNames[platform]}>
      <ChattingContext.Provider value={chatting}>
        <Head
          phone={phone}
          chats={chats}
          chat={chat}
          onChat={setLane}
          me={me}
          onSpeaker={setSpeaker}
          does={does}
        />
        <Hint phone={phone} chat={chat} />
        <Screen key={chat.lane} phone={phone} chat={chat} me={me} does={does} taps={taps} />
        <Picker action={taps.picking} onPicked={taps.picked} />
      </ChattingContext.Provider>
    </section>
  )
}

/** The open conversation; one that was just made is opened as soon as it is known. */
function useChat(phone: PhoneState) {
  const chats = useMemo(() => chatsOf(phone), [phone])
  const [lane, setLane] = useState('')
  const alone: Chat = { lane: `user:${nobody.id}`, title: nobody.name, user: nobody }
  const chat = chats.find((each) => each.lane === lane) ?? chats[0] ?? alone
  return { chats, chat, setLane }
}

interface HeadProps {
  phone: PhoneState
  chats: Chat[]
  chat: Chat
  onChat: (lane: string) => void
  me: PhoneUser
  onSpeaker: (id: string) => void
  does: (deed: Deed) => Promise<void>
}

function Head({ phone, chats, chat, onChat, me, onSpeaker, does }: HeadProps) {
  const t = useWords(words)
  const [open, setOpen] = useState(false)
  const platform = platformNames[phone.platform]
  return (
    <header class="phone-head">
      <div class="phone-title">
        <span class="avatar bot" aria-hidden="true">
          {Array.from(phone.botName)[0] ?? '?'}
        </span>
        <h2>
          {phone.botName}
          <small>{platform}</small>
        </h2>
        <Button look="quiet" label={t('peopleOf', { platform })} onClick={() => setOpen(true)}>
          <Users size={18} />
        </Button>
      </div>
      <div class="phone-where">
        <ChatSelect phone={phone} chats={chats} chat={chat} onChat={onChat} />
        {chat.room && <SpeakerSelect phone={phone} chat={chat} me={me} onSpeaker={onSpeaker} />}
      </div>
      <People
        phone={phone}
        chat={chat}
        me={me}
        open={open}
        onClose={() => setOpen(false)}
        onOpened={onChat}
        does={does}
      />
    </header>
  )
}

function ChatSelect({ phone, chats, chat, onChat }: Pick<HeadProps, 'phone' | 'chats' | 'chat' | 'onChat'>) {
  const t = useWords(words)
  const started = useRef(latestSeq(phone))
  const seen = useRef(new Map<string, number>())
  useEffect(() => {
    seen.current.set(chat.lane, latestSeq(phone))
  }, [chat.lane, phone])
  const option = ({ lane, title }: Chat) => {
    const news = lane === chat.lane ? 0 : unread(phone.lines, lane, seen.current.get(lane) ?? started.current)
    return (
      <option key={lane} value={lane}>
        {title}
        {news > 0 && ` (${news})`}
      </option>
    )
  }
  const alone = chats.filter((each) => each.user)
  const rooms = chats.filter((each) => each.room)
  return (
    <select
      aria-label={t('chatOf', { platform: platformNames[phone.platform] })}
      value={chat.lane}
      onChange={(event) => onChat(event.currentTarget.value)}
    >
      {alone.length > 0 && <optgroup label={t('alone')}>{alone.map(option)}</optgroup>}
      {rooms.length > 0 && <optgroup label={t('rooms')}>{rooms.map(option)}</optgroup>}
    </select>
  )
}

function latestSeq({ lines }: PhoneState): number {
  return lines.reduce((most, { seq }) => Math.max(most, seq), 0)
}

function SpeakerSelect({
  phone,
  chat,
  me,
  onSpeaker,
}: Pick<HeadProps, 'phone' | 'chat' | 'me' | 'onSpeaker'>) {
  const t = useWords(words)
  return (
    <select
      aria-label={t('speaker')}
      value={me.id}
      onChange={(event) => onSpeaker(event.currentTarget.value)}
    >
      {speakersOf(chat, phone).map((user) => (
        <option key={user.id} value={user.id}>
          {user.name}
        </option>
      ))}
    </select>
  )
}

/** Why the bot would not hear what is said here. */
function Hint({ phone, chat }: { phone: PhoneState; chat: Chat }) {
  const t = useWords(words)
  const hints = [
    chat.user?.follows === false && t('blockedHint', { name: chat.user.name }),
    chat.room?.joined === false && t('outsideHint'),
    phone.endpoint === 'disabled' && t('endpointDisabled'),
  ].filter((hint) => typeof hint === 'string')
  return hints.length === 0 ? null : <p class="phone-hint">{hints.join(' ')}</p>
}

interface ScreenProps {
  phone: PhoneState
  chat: Chat
  me: PhoneUser
  does: (deed: Deed) => Promise<void>
  taps: ReturnType<typeof useTaps>
}

function Screen({ phone, chat, me, does, taps }: ScreenProps) {
  const { selectedLine, select } = usePage()
  const lines = useMemo(() => phone.lines.filter((line) => line.lane === chat.lane), [phone.lines, chat.lane])
  const [used, setUsed] = useState('')
  const replies = quickRepliesOf(lines)
  const quietly = (deed: Deed) => void does(deed).catch((error: unknown) => taps.say(String(error)))
  const wish: Wish | undefined = taps.wish
  const menu = chat.user?.menu
  return (
    <>
      <Log
        lane={chat.lane}
        lines={lines}
        botName={phone.botName}
        me={me}
        selected={selectedLine?.id}
        onWay={select}
        onUnsend={({ messageId = '' }) => quietly({ kind: 'unsend', messageId })}
        onEdit={({ messageId = '' }, text) => quietly({ kind: 'edit', messageId, text })}
      />
      <p class={taps.said ? 'toast' : 'visually-hidden'} role="status">
        {taps.said}
      </p>
      {replies && replies.line.id !== used && (
        <QuickReplies items={replies.items} onUsed={() => setUsed(replies.line.id)} />
      )}
      <Composer
        platform={phone.platform}
        bot={phone.botName}
        inRoom={chat.room !== undefined}
        wish={wish}
        send={does}
      />
      {menu && <Menu menu={menu} open={taps.menuOpen} onOpen={taps.setMenuOpen} />}
    </>
  )
}
