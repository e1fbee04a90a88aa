import { DoorOpen, Heart, HeartOff, LogOut, UserPlus, Users } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { Deed, PhoneRoom, PhoneState, PhoneUser } from '../../libs/emulator/page-types'
import { Badge, Button, Dialog, Field, Problem } from '../shared/parts'
import { useWords } from '../shared/i18n'
import type { Chat } from './chats'
import { usePage } from './store'
import { platformNames, words } from './words'

interface PeopleProps {
  phone: PhoneState
  chat: Chat
  me: PhoneUser
  open: boolean
  onClose: () => void
  onOpened: (lane: string) => void
  does: (deed: Deed) => Promise<void>
}

/** Who is there, friendship with the bot, membership of the bot; more users, more rooms. */
export function People({ phone, chat, me, open, onClose, onOpened, does }: PeopleProps) {
  const t = useWords(words)
  const [problem, setProblem] = useState('')
  const trying = async (then: () => Promise<void>) => {
    setProblem('')
    try {
      await then()
      return true
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      return false
    }
  }
  const act = (deed: Deed) => void trying(() => does(deed))
  return (
    <Dialog open={open} title={t('peopleOf', { platform: platformNames[phone.platform] })} onClose={onClose}>
      <div class="people">
        {problem && <Problem>{problem}</Problem>}
        {chat.user?.follows !== undefined && <Friendship user={chat.user} act={act} />}
        {chat.room && phone.platform !== 'tocaro' && <Membership room={chat.room} act={act} />}
        <AddUser phone={phone} trying={trying} onOpened={onOpened} />
        <AddRoom phone={phone} me={me} trying={trying} onOpened={onOpened} />
        <div class="dialog-buttons">
          <Button onClick={onClose}>{t('close')}</Button>
        </div>
      </div>
    </Dialog>
  )
}

type ActNow = (deed: Deed) => void

function Friendship({ user, act }: { user: PhoneUser; act: ActNow }) {
  const t = useWords(words)
  return (
    <div class="people-row">
      <Badge tone={user.follows ? 'good' : 'warn'}>{user.follows ? t('following') : t('notFollowing')}</Badge>
      {user.follows ? (
        <Button look="danger" onClick={() => act({ kind: 'unfollow' })}>
          <HeartOff size={16} aria-hidden="true" />
          {t('unfollow', { name: user.name })}
        </Button>
      ) : (
        <Button onClick={() => act({ kind: 'follow' })}>
          <Heart size={16} aria-hidden="true" />
          {t('follow', { name: user.name })}
        </Button>
      )}
    </div>
  )
}

function Membership({ room, act }: { room: PhoneRoom; act: ActNow }) {
  const t = useWords(words)
  return (
    <div class="people-row">
      <Badge tone={room.joined ? 'good' : 'warn'}>{room.joined ? t('joined') : t('notJoined')}</Badge>
      {room.joined ? (
        <Button look="danger" onClick={() => act({ kind: 'leave' })}>
          <LogOut size={16} aria-hidden="true" />
          {t('leave', { name: room.name })}
        </Button>
      ) : (
        <Button onClick={() => act({ kind: 'join' })}>
          <DoorOpen size={16} aria-hidden="true" />
          {t('join', { name: room.name })}
        </Button>
      )}
    </div>
  )
}

interface AddProps {
  phone: PhoneState
  trying: (then: () => Promise<void>) => Promise<boolean>
  onOpened: (lane: string) => void
}

function AddUser({ phone, trying, onOpened }: AddProps) {
  const t = useWords(words)
  const { post } = usePage()
  const [name, setName] = useState('')
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    const added = await trying(async () => {
      const user = (await post('users', { platform: phone.platform, name: name.trim() })) as PhoneUser
      onOpened(`user:${user.id}`)
    })
    if (added) setName('')
  }
  return (
    <form class="people-form" onSubmit={(event) => void add(event)}>
      <h3>{t('addUser')}</h3>
      <div class="people-add">
        <Field label={t('name')}>
          <input
            class="input"
            required
            maxLength={40}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Button type="submit">
          <UserPlus size={16} aria-hidden="true" />
          {t('addUser')}
        </Button>
      </div>
    </form>
  )
}

function AddRoom({ phone, me, trying, onOpened }: AddProps & { me: PhoneUser }) {
  const t = useWords(words)
  const { post } = usePage()
  const [name, setName] = useState('')
  const [members, setMembers] = useState([me.id])
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    const added = await trying(async () => {
      const room = (await post('rooms', {
        platform: phone.platform,
        name: name.trim(),
        members,
      })) as PhoneRoom
      onOpened(`${room.kind}:${room.id}`)
    })
    if (added) setName('')
  }
  const toggle = (id: string) =>
    setMembers(members.includes(id) ? members.filter((each) => each !== id) : [...members, id])
  return (
    <form class="people-form" onSubmit={(event) => void add(event)}>
      <h3>{t('addRoom')}</h3>
      <fieldset>
        <legend>{t('members')}</legend>
        {phone.users.map((user) => (
          <label key={user.id}>
            <input type="checkbox" checked={members.includes(user.id)} onChange={() => toggle(user.id)} />
            {user.name}
          </label>
        ))}
      </fieldset>
      <div class="people-add">
        <Field label={t('name')}>
          <input
            class="input"
            required
            maxLength={40}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Button type="submit">
          <Users size={16} aria-hidden="true" />
          {t('addRoom')}
        </Button>
      </div>
    </form>
  )
}
