import { ArrowDown, Ban, Ellipsis, Pencil, Route, Undo2 } from 'lucide-preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ChatLine, PhoneUser } from '../../libs/emulator/page-types'
import { Button } from '../shared/parts'
import { clockTime, duration } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { isNote, mayEdit, mayUnsend, stateOf } from './chats'
import { isWide, Message } from './messages'
import { noteWords, operationOf } from './notes'
import { record, text } from './read'
import { useChatting } from './tapping'
import { platformNames, words } from './words'
import './log.css'

interface LogProps {
  lane: string
  lines: ChatLine[]
  botName: string
  /** Who holds the phone: their lines stand at the right. */
  me: PhoneUser
  selected: string | undefined
  onWay: (line: ChatLine) => void
  onUnsend: (line: ChatLine) => void
  onEdit: (line: ChatLine, text: string) => void
}

export function Log(props: LogProps) {
  const { lane, lines, botName, me } = props
  const t = useWords(words)
  const log = useRef<HTMLDivElement>(null)
  const last = lines.at(-1)
  const { missed, toEnd } = useEnd({
    log,
    lane,
    last: last?.id,
    isOwn: last?.from.kind === 'user' && last.from.id === me.id,
  })
  return (
    <div class="log-frame">
      <div ref={log} class="log" role="log" aria-label={t('log', { bot: botName })} tabIndex={0}>
        {lines.length === 0 && <p class="log-empty">{t('empty')}</p>}
        {lines.map((line, i) => (
          <Line key={line.id} line={line} before={lines[i - 1]} {...props} />
        ))}
      </div>
      {missed && (
        <Button class="to-end" onClick={toEnd}>
          <ArrowDown size={16} aria-hidden="true" />
          {t('newMessages')}
        </Button>
      )}
    </div>
  )
}

const nearEnd = 48

interface End {
  log: { current: HTMLElement | null }
  lane: string
  last: string | undefined
  /** The last line is of the one who holds the phone. */
  isOwn: boolean
}

/** Keeps the end in sight, unless the user has scrolled up and says nothing: then tells that something came. */
function useEnd({ log, lane, last, isOwn }: End) {
  const atEnd = useRef(true)
  const [missed, setMissed] = useState(false)
  const toEnd = () => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight
    atEnd.current = true
    setMissed(false)
  }
  useLayoutEffect(toEnd, [lane])
  useLayoutEffect(() => {
    if (atEnd.current || isOwn) toEnd()
    else setMissed(true)
  }, [last])
  useEffect(() => {
    const element = log.current
    if (!element) return
    const scrolled = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd
      if (atEnd.current) setMissed(false)
    }
    // The log gets lower when quick replies or a menu come up, and longer when a picture is there.
    const resized = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight
    })
    resized.observe(element)
    element.addEventListener('scroll', scrolled)
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', scrolled)
    }
  }, [])
  return { missed, toEnd }
}

interface LineProps extends LogProps {
  line: ChatLine
  before: ChatLine | undefined
}

function Line(props: LineProps) {
  const { line, before, me, selected } = props
  if (isNote(line)) return <Note {...props} />
  const mine = line.from.kind === 'user' && line.from.id === me.id
  const follows = before !== undefined && speakerOf(before) === speakerOf(line)
  const classes = ['line', mine ? 'mine' : 'theirs', isWide(line) && 'wide', follows && 'follows']
  return (
    <div
      class={[...classes, line.id === selected && 'selected'].filter(Boolean).join(' ')}
      data-line={line.id}
      data-from={line.from.kind}
    >
      {!follows && (!mine || line.platform === 'tocaro') && <Speaker {...props} />}
      {mine && <span class="visually-hidden">{me.name}</span>}
      {mine ? <OwnLine {...props} /> : <ForeignLine {...props} />}
      {line.error && <Refusal line={line} error={line.error} />}
    </div>
  )
}

function speakerOf({ from, message }: ChatLine): string {
  return from.kind === 'user' ? `user:${from.id}` : `${from.kind}:${text(record(message?.sender).name)}`
}

function Speaker({ line, botName }: LineProps) {
  const name = line.from.kind === 'user' ? line.from.name : text(record(line.message?.sender).name) || botName
  return (
    <div class="speaker">
      <span class={`avatar ${line.from.kind}`} aria-hidden="true">
        {Array.from(name)[0] ?? '?'}
      </span>
      <span>{name}</span>
    </div>
  )
}

function ForeignLine(props: LineProps) {
  const { line } = props
  const t = useWords(words)
  const language = useLanguage()
  const via = line.via === 'reply' ? t('viaReply') : line.via === 'push' ? t('viaPush') : line.via
  return (
    <div class="line-body">
      <Content line={line} />
      <div class="line-meta">
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at, language)}</time>
        {via && <span class="via">{via}</span>}
        {line.from.kind === 'user' && <Delivery {...props} />}
      </div>
    </div>
  )
}

function Content({ line }: { line: ChatLine }) {
  const t = useWords(words)
  if (line.unsent) {
    return (
      <div class="bubble unsent">
        <Undo2 size={14} aria-hidden="true" /> {t('unsent')}
      </div>
    )
  }
  if (line.message) return <Message line={line} />
  return <div class="bubble">{line.words}</div>
}

/** What the user said, with what became of it and what can be done with it. */
function OwnLine(props: LineProps) {
  const { line } = props
  const t = useWords(words)
  const language = useLanguage()
  const [open, setOpen] = useState(false)
  const [editing, setEditing] = useState(false)
  const press = useLongPress(() => setOpen(true))
  const hasMore = line.webhook !== undefined || mayUnsend(line)
  const said = shortened(text(line.message?.text) || text(line.message?.type) || (line.words ?? ''))
  return (
    <div class="line-body" {...(hasMore ? press : {})}>
      {editing ? <EditForm {...props} onDone={() => setEditing(false)} /> : <Content line={line} />}
      <div class="line-meta">
        {line.edited && <span>{t('edited')}</span>}
        <Delivery {...props} />
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at, language)}</time>
        {hasMore && (
          <button
            type="button"
            class="more"
            aria-label={t('more', { text: said })}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Ellipsis size={16} aria-hidden="true" />
          </button>
        )}
      </div>
      {open && <Choices {...props} onEditing={() => setEditing(true)} onDone={() => setOpen(false)} />}
    </div>
  )
}

function shortened(words: string): string {
  return words.length > 30 ? `${words.slice(0, 30)}…` : words
}

const longPressMs = 500

function useLongPress(then: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>()
  const end = () => clearTimeout(timer.current)
  useEffect(() => end, [])
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === 'touch') timer.current = setTimeout(then, longPressMs)
    },
    onPointerUp: end,
    onPointerMove: end,
    onPointerCancel: end,
  }
}

interface ChoicesProps extends LineProps {
  onEditing: () => void
  onDone: () => void
}

function Choices({ line, onWay, onUnsend, onEditing, onDone }: ChoicesProps) {
  const t = useWords(words)
  const choose = (then: () => void) => () => {
    then()
    onDone()
  }
  return (
    <div class="choices">
      {line.webhook !== undefined && (
        <Button look="quiet" onClick={choose(() => onWay(line))}>
          <Route size={16} aria-hidden="true" />
          {t('way')}
        </Button>
      )}
      {mayEdit(line) && (
        <Button look="quiet" onClick={choose(onEditing)}>
          <Pencil size={16} aria-hidden="true" />
          {t('edit')}
        </Button>
      )}
      {mayUnsend(line) && (
        <Button look="quiet" onClick={choose(() => onUnsend(line))}>
          <Undo2 size={16} aria-hidden="true" />
          {t('unsend')}
        </Button>
      )}
    </div>
  )
}

function EditForm({ line, onEdit, onDone }: LineProps & { onDone: () => void }) {
  const t = useWords(words)
  const [value, setValue] = useState(text(line.message?.text))
  return (
    <form
      class="edit-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (value.trim() !== '') onEdit(line, value)
        onDone()
      }}
    >
      <input
        class="input"
        aria-label={t('editOf')}
        value={value}
        autoFocus
        onInput={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
      <Button type="submit" look="primary">
        {t('save')}
      </Button>
      <Button onClick={onDone}>{t('cancel')}</Button>
    </form>
  )
}

/** Why no answer came. */
const outcomes = {
  request_timeout: 'whyTimeout',
  could_not_connect: 'whyNetwork',
  disabled: 'whyDisabled',
  not_registered: 'whyNotRegistered',
} as const

/** Sending, delivered, failed; a press shows the way of the message. */
function Delivery({ line, onWay }: LineProps) {
  const t = useWords(words)
  const language = useLanguage()
  const state = stateOf(line)
  if (state === 'sending') return <span class="delivery">{t('sending')}</span>
  const { status, ms, outcome } = line.delivery ?? { status: 0, ms: 0, outcome: '' }
  const time = duration(ms, language)
  const why =
    status > 0 ? status : outcome in outcomes ? t(outcomes[outcome as keyof typeof outcomes]) : outcome
  const label = state === 'failed' ? t('failedWhy', { why }) : t('delivered', { status, time })
  const title = state === 'failed' ? label : t('deliveredLong', { status, time })
  if (line.webhook === undefined) {
    return (
      <span class={`delivery ${state}`} title={title}>
        {label}
      </span>
    )
  }
  return (
    <button type="button" class={`delivery ${state}`} title={title} onClick={() => onWay(line)}>
      {state === 'failed' && <Ban size={12} aria-hidden="true" />}
      {label}
      <span class="visually-hidden">. {t('way')}</span>
    </button>
  )
}

/** The platform says something: in the middle of the chat. */
function Note(props: LineProps) {
  const { line } = props
  const language = useLanguage()
  const { nameOf } = useChatting()
  const said = noteWords(line, { language, nameOf })
  return (
    <div class={line.error ? 'note refusal' : 'note'} data-line={line.id} data-from="note">
      {said && !line.error && <span class="note-words">{said}</span>}
      {line.message && <Message line={line} />}
      {line.error && <Refusal line={line} error={line.error} />}
      {line.webhook !== undefined && <Delivery {...props} />}
    </div>
  )
}

function Refusal({ line, error }: { line: ChatLine; error: NonNullable<ChatLine['error']> }) {
  const t = useWords(words)
  const platform = platformNames[line.platform]
  const operation = operationOf(line)
  const { status, body } = error
  return (
    <div class="refusal-card">
      <strong>
        {status > 0
          ? t('refused', { platform, operation, status })
          : t('unanswered', { platform, operation })}
      </strong>
      {body !== '' && <pre tabIndex={0}>{body}</pre>}
    </div>
  )
}
