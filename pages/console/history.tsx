import { useEffect, useRef, useState } from 'preact/hooks'
import type { History } from '../../apps/console/api-types'
import { count, duration, hourMinute } from '../shared/format'
import { type Language, useLanguage, useWords } from '../shared/i18n'
import { Plot, type PlotProps } from './plot'
import { useData } from './use-data'

const words = {
  events: ['Events', 'イベント'],
  received: ['received', '受信'],
  done: ['done', '完了'],
  sends: ['Sends', '送信'],
  sent: ['sent', '成功'],
  failures: ['failures', '失敗'],
  limited: ['429s', '429'],
  ack: ['Ack', '応答時間'],
  p50: ['p50', 'p50'],
  p99: ['p99', 'p99'],
  waits: ['Wait before the first try', '処理開始までの待ち'],
  waitsShort: ['Wait', '待ち'],
  retried: ['Retried', '再試行'],
  parked: ['Dead letters', 'デッドレター'],
  journaled: ['Journal', 'ジャーナル'],
  perMinute: ['{title} per minute', '{title}(毎分)'],
  table: ['Show as a table', '表で見る'],
  caption: ['Each minute, latest first', '1 分ごとの値(新しい順)'],
  minute: ['Minute', '時刻'],
} as const

type T = ReturnType<typeof useWords<typeof words>>

/** The four plots that tell how a bot is. */
function plotsOf(history: History, t: T, language: Language): PlotProps[] {
  const number = (value: number) => count(value, language)
  const time = (ms: number) => duration(Math.round(ms), language)
  const { from } = history
  return [
    {
      title: t('events'),
      from,
      format: number,
      lines: [
        { label: t('received'), values: history.events, color: '--accent' },
        { label: t('done'), values: history.done, color: '--good' },
      ],
    },
    {
      title: t('sends'),
      from,
      format: number,
      lines: [
        { label: t('sent'), values: history.sent, color: '--good' },
        { label: t('failures'), values: history.sendFailures, color: '--bad' },
        { label: t('limited'), values: history.limited, color: '--warn' },
      ],
    },
    {
      title: t('ack'),
      isTime: true,
      from,
      format: time,
      lines: [
        { label: t('p99'), values: history.ackP99Ms, color: '--accent' },
        { label: t('p50'), values: history.ackP50Ms, color: '--info' },
      ],
    },
    {
      title: t('waits'),
      isTime: true,
      from,
      format: time,
      lines: [{ label: t('p99'), values: history.waitP99Ms, color: '--warn' }],
    },
  ]
}

/** Of one bot over the last hour, small; asked for when it comes into sight. */
export function SmallPlots({ bot }: { bot: string }) {
  const [box, isSeen] = useSeen()
  const t = useWords(words)
  const language = useLanguage()
  const { data } = useData<History>(
    isSeen ? `/bots/${encodeURIComponent(bot)}/history?minutes=60` : undefined,
    30_000,
  )
  return (
    <div ref={box} class="small-plots">
      {data &&
        plotsOf(data, t, language).map((plot, index) => (
          <figure key={plot.title} title={plot.title}>
            <figcaption>{index === 3 ? t('waitsShort') : plot.title}</figcaption>
            <Plot {...plot} small />
          </figure>
        ))}
    </div>
  )
}

function useSeen() {
  const box = useRef<HTMLDivElement>(null)
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    if (!box.current) return
    const watch = new IntersectionObserver(
      (seen) => setSeen(seen.some(({ isIntersecting }) => isIntersecting)),
      {
        rootMargin: '200px',
      },
    )
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  return [box, isSeen] as const
}

export function LargePlots({ history }: { history: History }) {
  const t = useWords(words)
  const language = useLanguage()
  return (
    <div class="large-plots">
      {plotsOf(history, t, language).map((plot, index) => (
        <figure key={plot.title} class="card">
          <figcaption>{index < 2 ? t('perMinute', { title: plot.title }) : plot.title}</figcaption>
          <Plot {...plot} />
        </figure>
      ))}
    </div>
  )
}

/** For those who can't see the plots, or want the figures. */
export function HistoryTable({ history }: { history: History }) {
  const t = useWords(words)
  const language = useLanguage()
  const [isOpen, setOpen] = useState(false)
  const time = (ms: number | null | undefined) =>
    typeof ms === 'number' ? duration(Math.round(ms), language) : '–'
  const minutes = Array.from({ length: history.minutes }, (_, index) => history.minutes - 1 - index)
  const counts = [
    'events',
    'done',
    'retried',
    'parked',
    'sent',
    'sendFailures',
    'limited',
    'journaled',
  ] as const
  const heads = ['received', 'done', 'retried', 'parked', 'sent', 'failures', 'limited', 'journaled'] as const
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('table')}</summary>
      {isOpen && (
        <div class="scroll" tabIndex={0} role="region" aria-label={t('caption')}>
          <table class="table figures">
            <caption class="visually-hidden">{t('caption')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('minute')}</th>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {t(head)}
                  </th>
                ))}
                <th scope="col">{t('ack')} p50</th>
                <th scope="col">{t('ack')} p99</th>
                <th scope="col">{t('waits')} p99</th>
              </tr>
            </thead>
            <tbody>
              {minutes.map((minute) => (
                <tr key={minute}>
                  <th scope="row">{hourMinute(history.from + minute * 60_000, language)}</th>
                  {counts.map((name) => (
                    <td key={name}>{count(history[name][minute] ?? 0, language)}</td>
                  ))}
                  <td>{time(history.ackP50Ms[minute])}</td>
                  <td>{time(history.ackP99Ms[minute])}</td>
                  <td>{time(history.waitP99Ms[minute])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
