import { Pause, Play, Trash2 } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { FeedEntry } from '../../apps/console/api-types'
import { clockTime, count, duration } from '../shared/format'
import { type Words, useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, type Tone } from '../shared/parts'
import { request } from './api'
import { Id, PageHead, Reason } from './bits'
import { BotChoice } from './bot-choice'
import { type FeedRow, mostRows, withEntries } from './feed-rows'
import { path, writeQuery } from './url-state'
import { useQuery } from './use-query'
import { common, lookUp } from './words'

const words = {
  list: ['What happens now, latest first', '現在の動き(新しい順)'],
  pause: ['Pause', '一時停止'],
  go: ['Go on ({n} new)', '再開(新着 {n} 件)'],
  clear: ['Clear', 'クリア'],
  live: ['Live', '受信中'],
  connecting: ['Connecting…', '接続中…'],
  lost: ['Connection lost; trying again', '接続が切れました。再接続しています'],
  empty: [
    'Nothing has happened since you came. Send the bot a message.',
    'まだ動きはありません。ボットにメッセージを送ると表示されます。',
  ],
  what: ['What', '内容'],
  tried: ['try {n}', '{n} 回目'],
  again: ['again in {t}', '再試行まで {t}'],
  waited: ['waited {t}', '待ち {t}'],
  worked: ['worked {t}', '処理 {t}'],
  messages: ['{n} {n|message|messages}', 'メッセージ {n} 件'],
  kept: ['The latest {n} are shown.', '最新の {n} 件を表示します。'],
} as const

const outcomes = {
  stored: ['Stored', '保存'],
  paused: ['Paused', '一時停止'],
  resumed: ['Resumed', '再開'],
  done: ['Done', '完了'],
  retry: ['Retry', '再試行'],
  postpone: ['Postponed', '延期'],
  park: ['Dead letter', 'デッドレター'],
} satisfies Words

const tones: Record<string, Tone> = {
  stored: 'info',
  done: 'good',
  retry: 'warn',
  postpone: 'warn',
  park: 'bad',
  paused: 'warn',
  resumed: 'info',
}

export function TailPage() {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const [query, change] = useQuery()
  const [isPaused, setPaused] = useState(false)
  const tail = useTail(query['bot'], isPaused)
  return (
    <>
      <PageHead title={c('tail')}>
        <Badge {...(tail.state === 'live' ? { tone: 'good' as const } : { tone: 'warn' as const })}>
          <span role="status">{t(tail.state)}</span>
        </Badge>
      </PageHead>
      <div class="tools card">
        <BotChoice value={query['bot']} onChange={(bot) => change({ bot })} />
        <div class="tool-buttons">
          <Button aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? <Play size={16} /> : <Pause size={16} />}
            {isPaused ? t('go', { n: count(tail.held, language) }) : t('pause')}
          </Button>
          <Button onClick={tail.clear}>
            <Trash2 size={16} /> {t('clear')}
          </Button>
        </div>
        <p class="hint">{t('kept', { n: mostRows })}</p>
      </div>
      {tail.rows.length === 0 ? <p class="empty card">{t('empty')}</p> : <TailTable rows={tail.rows} />}
    </>
  )
}

type TailState = 'connecting' | 'live' | 'lost'

/** The feed of one bot or of all; while it is paused, what comes waits out of sight. */
function useTail(bot: string | undefined, isPaused: boolean) {
  const [rows, setRows] = useState<FeedRow[]>([])
  const [held, setHeld] = useState(0)
  const [state, setState] = useState<TailState>('connecting')
  const queue = useRef<FeedEntry[]>([])
  const paused = useRef(isPaused)
  paused.current = isPaused

  const flush = () => {
    const entries = queue.current
    if (entries.length === 0) return
    if (paused.current) return setHeld(entries.length)
    queue.current = []
    setHeld(0)
    setRows((before) => withEntries(before, entries))
  }
  useEffect(flush, [isPaused])
  useEffect(() => {
    setState('connecting')
    setRows([])
    queue.current = []
    const source = new EventSource(`/api/tail${writeQuery({ bot })}`)
    source.onopen = () => setState('live')
    source.onmessage = ({ data }: MessageEvent<string>) => {
      queue.current = [...queue.current, JSON.parse(data) as FeedEntry].slice(-mostRows)
    }
    source.onerror = () => {
      setState('lost')
      // A session that ended looks the same as a server that is away; the request tells, and leads to the login.
      if (source.readyState === EventSource.CLOSED) request('/session').catch(() => undefined)
    }
    // Many come at once: they are drawn four times a second.
    const timer = setInterval(flush, 250)
    return () => {
      source.close()
      clearInterval(timer)
    }
  }, [bot])
  return { rows, held, state, clear: () => setRows([]) }
}

function TailTable({ rows }: { rows: FeedRow[] }) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <div class="card scroll">
      <table class="table stacks tail-table">
        <caption class="visually-hidden">{t('list')}</caption>
        <thead>
          <tr>
            <th scope="col">{c('time')}</th>
            <th scope="col">{c('outcome')}</th>
            <th scope="col">{c('bot')}</th>
            <th scope="col">{c('conversation')}</th>
            <th scope="col">{t('what')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TailRow key={row.n} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TailRow({ row }: { row: FeedRow }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const outcome = row.outcome ?? row.kind
  const time = (ms: number) => duration(ms, language)
  const facts = [
    row.attempt !== undefined && row.attempt > 1 && t('tried', { n: row.attempt }),
    row.wait_ms !== undefined && t('waited', { t: time(row.wait_ms) }),
    row.work_ms !== undefined && t('worked', { t: time(row.work_ms) }),
    row.delay_ms !== undefined && t('again', { t: time(row.delay_ms) }),
    row.messages !== undefined && row.messages > 0 && t('messages', { n: row.messages }),
  ].filter(Boolean)
  return (
    <tr>
      <td data-label={c('time')}>
        <time class="clock">{clockTime(row.at, language)}</time>
      </td>
      <td data-label={c('outcome')}>
        <Badge {...(tones[outcome] ? { tone: tones[outcome] } : {})}>
          {lookUp(outcomes, outcome, language)}
        </Badge>
      </td>
      <td data-label={c('bot')}>
        <bdi>{row.bot}</bdi>
      </td>
      <td data-label={c('conversation')}>
        {row.conversation && (
          <Link href={path('conversations', row.bot, row.conversation) + writeQuery({ story: row.event })}>
            <Id>{row.conversation}</Id>
          </Link>
        )}
      </td>
      <td data-label={t('what')}>
        {row.type && <code>{row.type}</code>} {row.reason && <Reason of={row.reason} />}{' '}
        <span class="quiet-text">{facts.join(' · ')}</span>
      </td>
    </tr>
  )
}
