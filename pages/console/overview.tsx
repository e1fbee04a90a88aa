import { CircleCheck, OctagonAlert, Rows3, LayoutGrid, TriangleAlert } from 'lucide-preact'
import { useRef } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { BotOverview, Overview } from '../../apps/console/api-types'
import { bytes, clockTime, count, duration } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Field } from '../shared/parts'
import { AlertDetail, Choice, Fact, Loading, Meter, PageHead, PlatformMark, State } from './bits'
import { BotFigures, Budgets, ForecastLine, Stopped } from './bot-figures'
import { type BotOrder, filterBots, inKnownOrder, sortBots, troublesOf } from './bot-troubles'
import { SmallPlots } from './history'
import { StopButtons } from './stop-bot'
import { path } from './url-state'
import { useData } from './use-data'
import { useQuery } from './use-query'
import { type Need, needsOf } from './verdict'
import { alertAdvice, alertWords, common } from './words'

const words = {
  updated: ['Updated {time}', '{time} 更新'],
  well: ['All is well', 'すべて正常です'],
  wellWhat: ['{n} {n|bot|bots}. Nothing needs you.', '{n} 個のボットに問題はありません。'],
  needs: ['{n} things need you', '対応が必要な項目が {n} 件あります'],
  need: ['1 thing needs you', '対応が必要な項目が 1 件あります'],
  moreNeeds: ['{n} more', 'ほか {n} 件'],
  stoppedBots: ['Stopped by hand: {bots}.', '手動で停止中のボット: {bots}。'],
  look: ['Look at it', '確認する'],
  bots: ['Bots', 'ボット'],
  filter: ['Filter by name', '名前で絞り込み'],
  order: ['Order', '並び順'],
  byTrouble: ['Trouble first', '問題のある順'],
  byName: ['Name', '名前順'],
  byWaiting: ['Most waiting', '待ちの多い順'],
  byEvents: ['Most events', 'イベントの多い順'],
  onlyTrouble: ['Only with trouble', '問題ありのみ'],
  cards: ['Cards', 'カード'],
  rows: ['Rows', '一覧'],
  view: ['View', '表示'],
  shown: ['{n} of {all} bots', '全 {all} 個中 {n} 個'],
  noneYet: [
    'No bot has been seen yet. Start an ingress and a worker with a bot, and send a message.',
    'まだボットがありません。ボットを設定して ingress と worker を起動し、メッセージを送ってください。',
  ],
  noneMatch: ['No bot matches this filter.', '条件に一致するボットはありません。'],
  eventsMin: ['Events/min', 'イベント/分'],
  waiting: ['Waiting', '待ち'],
  items: ['{n} {n|item|items}', '{n} 件'],
  ackP99: ['Ack p99', '応答 p99'],
  oldest: ['Oldest', '最長の待ち'],
  sentHour: ['Sent/h', '送信/時'],
  failedHour: ['Failed/h', '失敗/時'],
  n429: ['429s/h', '429/時'],
  processes: ['Processes', 'プロセス'],
  processCounts: [
    '{ingress} ingress, {worker} {worker|worker|workers}',
    'ingress {ingress}、worker {worker}',
  ],
  versions: ['versions differ: {list}', 'バージョン不一致: {list}'],
  redis: ['Redis', 'Redis'],
  notOk: ['can’t be used', '使用不可'],
  journal: ['Journal', 'ジャーナル'],
  journalEvents: ['{n} {n|event|events}', '{n} 件'],
  empty: ['empty', '空'],
} as const

export function OverviewPage() {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const overview = useData<Overview>('/overview', 5000)
  return (
    <>
      <PageHead title={c('overview')}>
        {overview.data && (
          <span class="updated">{t('updated', { time: clockTime(overview.data.at, language) })}</span>
        )}
      </PageHead>
      <Loading of={overview}>
        {(data) => (
          <>
            <Verdict overview={data} />
            <Totals overview={data} />
            <Bots overview={data} onChange={overview.reload} />
          </>
        )}
      </Loading>
    </>
  )
}

function Verdict({ overview }: { overview: Overview }) {
  const t = useWords(words)
  const language = useLanguage()
  const needs = needsOf(overview)
  const stopped = overview.bots
    .filter(({ state }) => state === 'paused' || state === 'held')
    .map(({ bot }) => bot)
  if (needs.length === 0)
    return (
      <section class="verdict good" aria-live="polite">
        <h2>
          <CircleCheck size={22} /> {t('well')}
        </h2>
        <p>
          {t('wellWhat', { n: count(overview.bots.length, language) })}
          {stopped.length > 0 && ` ${t('stoppedBots', { bots: stopped.join(', ') })}`}
        </p>
      </section>
    )
  const isCritical = needs.some(({ severity }) => severity === 'critical')
  return (
    <section class={`verdict ${isCritical ? 'bad' : 'warn'}`} aria-live="polite">
      <h2>
        {isCritical ? <OctagonAlert size={22} /> : <TriangleAlert size={22} />}
        {needs.length === 1 ? t('need') : t('needs', { n: needs.length })}
      </h2>
      <Needs needs={needs.slice(0, mostNeeds)} now={overview.at} />
      {needs.length > mostNeeds && (
        <details>
          <summary>{t('moreNeeds', { n: count(needs.length - mostNeeds, language) })}</summary>
          <Needs needs={needs.slice(mostNeeds)} now={overview.at} />
        </details>
      )}
    </section>
  )
}

/** More of them would push everything else off the screen. */
const mostNeeds = 4

function Needs({ needs, now }: { needs: Need[]; now: number }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const rule = useWords(alertWords)
  const advice = useWords(alertAdvice)
  return (
    <ul>
      {needs.map((need) => (
        <li key={`${need.rule} ${need.bot ?? ''}`} class={need.severity}>
          <div>
            <strong>
              {need.bot && <bdi>{need.bot}: </bdi>}
              {rule(need.rule)}
            </strong>{' '}
            <AlertDetail of={need} />{' '}
            {need.since !== undefined && (
              <span class="quiet-text">{c('since', { t: clockTime(need.since, language, now) })}</span>
            )}
            <p>{advice(need.rule)}</p>
          </div>
          <Link
            class="button"
            href={need.href}
            aria-label={`${t('look')}: ${need.bot ?? ''} ${rule(need.rule)}`}
          >
            {t('look')}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Totals({ overview: { bots, processes, redis, journal } }: { overview: Overview }) {
  const t = useWords(words)
  const language = useLanguage()
  const sum = (of: (bot: BotOverview) => number) =>
    count(
      bots.reduce((total, bot) => total + of(bot), 0),
      language,
    )
  return (
    <dl class="totals card">
      <Fact label={t('eventsMin')}>
        <strong>{sum((bot) => bot.eventsPerMinute)}</strong>
      </Fact>
      <Fact label={t('waiting')}>
        <strong>{sum((bot) => bot.waiting.items)}</strong>
      </Fact>
      <Fact label={t('sentHour')}>
        <strong>{sum((bot) => bot.sends.sent)}</strong>
      </Fact>
      <Fact
        label={t('processes')}
        tone={processes.worker === 0 || processes.ingress === 0 ? 'bad' : undefined}
      >
        {t('processCounts', { ...processes, versions: '' })}
        {processes.versions.length > 1 && (
          <small class="warn-text">{t('versions', { list: processes.versions.join(', ') })}</small>
        )}
      </Fact>
      <Fact label={t('redis')} tone={redis.ok ? undefined : 'bad'}>
        {redis.ok
          ? [
              redis.latencyMs !== undefined && duration(Math.ceil(redis.latencyMs), language),
              redis.usedBytes !== undefined && bytes(redis.usedBytes, language),
            ]
              .filter(Boolean)
              .join(' · ')
          : t('notOk')}
        {redis.maxBytes ? (
          <Meter label={t('redis')} value={redis.usedBytes ?? 0} max={redis.maxBytes} />
        ) : null}
        {redis.words && <small lang="en">{redis.words}</small>}
      </Fact>
      <Fact label={t('journal')} tone={journal.events > 0 ? 'warn' : undefined}>
        {journal.events > 0
          ? `${t('journalEvents', { n: count(journal.events, language) })} · ${bytes(journal.bytes, language)}`
          : t('empty')}
        {journal.events > 0 && <Meter label={t('journal')} value={journal.bytes} max={journal.maxBytes} />}
      </Fact>
    </dl>
  )
}

/** Fewer bots are seen at a glance: no filter, no order. */
const fewBots = 5
/** From so many bots on, rows instead of cards, unless chosen otherwise. */
const manyBots = 9

function Bots({ overview, onChange }: { overview: Overview; onChange: () => void }) {
  const t = useWords(words)
  const language = useLanguage()
  const [query, change] = useQuery()
  const list = useRef<HTMLDivElement>(null)
  const order = (query['order'] ?? 'trouble') as BotOrder
  const view = query['view'] ?? (overview.bots.length >= manyBots ? 'rows' : 'cards')
  const found = sortBots(
    filterBots(overview.bots, {
      ...(query['name'] ? { name: query['name'] } : {}),
      ...(query['platform'] ? { platform: query['platform'] } : {}),
      onlyTrouble: query['trouble'] === '1',
    }),
    order,
  )
  const bots = useQuietOrder(found, list, `${order} ${query['name'] ?? ''} ${query['trouble'] ?? ''}`)
  if (overview.bots.length === 0) return <p class="empty card">{t('noneYet')}</p>
  return (
    <section aria-labelledby="bots">
      <div class="list-head">
        <h2 id="bots">{t('bots')}</h2>
        <span class="quiet-text" role="status">
          {t('shown', { n: count(bots.length, language), all: count(overview.bots.length, language) })}
        </span>
        {overview.bots.length > 1 && <ViewSwitch view={view} change={change} />}
      </div>
      {overview.bots.length >= fewBots && <BotTools query={query} change={change} order={order} />}
      <div ref={list}>
        {bots.length === 0 && <p class="empty card">{t('noneMatch')}</p>}
        {view === 'rows' && bots.length > 0 && <BotTable bots={bots} />}
        {view === 'cards' && (
          <ul class="bot-cards">
            {bots.map((bot) => (
              <BotCard key={bot.bot} bot={bot} now={overview.at} onChange={onChange} />
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}

/** Sorted, but not while somebody works in the list: then as it was. */
function useQuietOrder(
  bots: BotOverview[],
  list: { current: HTMLElement | null },
  choice: string,
): BotOverview[] {
  const known = useRef({ choice, names: [] as string[] })
  const isInUse =
    list.current !== null && (list.current.contains(document.activeElement) || list.current.matches(':hover'))
  const ordered = isInUse && known.current.choice === choice ? inKnownOrder(bots, known.current.names) : bots
  known.current = { choice, names: ordered.map(({ bot }) => bot) }
  return ordered
}

interface BotToolsProps {
  query: Record<string, string>
  change: (changed: Record<string, string | undefined>) => void
  order: BotOrder
}

function BotTools({ query, change, order }: BotToolsProps) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <div class="tools">
      <Field label={t('filter')}>
        <input
          class="input"
          type="search"
          value={query['name'] ?? ''}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </Field>
      <Choice
        label={c('platform')}
        value={query['platform']}
        options={[
          { value: '', label: c('any') },
          { value: 'lineworks', label: 'LINE WORKS' },
          { value: 'line', label: 'LINE' },
          { value: 'tocaro', label: 'Tocaro' },
        ]}
        onChange={(platform) => change({ platform })}
      />
      <Choice
        label={t('order')}
        value={order}
        options={[
          { value: 'trouble', label: t('byTrouble') },
          { value: 'name', label: t('byName') },
          { value: 'waiting', label: t('byWaiting') },
          { value: 'events', label: t('byEvents') },
        ]}
        onChange={(value) => change({ order: value === 'trouble' ? '' : value })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={query['trouble'] === '1'}
          onChange={(event) => change({ trouble: event.currentTarget.checked ? '1' : '' })}
        />
        {t('onlyTrouble')}
      </label>
    </div>
  )
}

function ViewSwitch({ view, change }: Pick<BotToolsProps, 'change'> & { view: string }) {
  const t = useWords(words)
  return (
    <div class="view-switch" role="group" aria-label={t('view')}>
      <Button aria-pressed={view === 'cards'} onClick={() => change({ view: 'cards' })}>
        <LayoutGrid size={16} /> {t('cards')}
      </Button>
      <Button aria-pressed={view === 'rows'} onClick={() => change({ view: 'rows' })}>
        <Rows3 size={16} /> {t('rows')}
      </Button>
    </div>
  )
}

const toneOf = (bot: BotOverview) => troublesOf(bot)[0]?.tone ?? ''

function BotCard({ bot, now, onChange }: { bot: BotOverview; now: number; onChange: () => void }) {
  return (
    <li class={`bot-card card ${toneOf(bot)}`}>
      <div class="bot-title">
        <PlatformMark platform={bot.platform} />
        <h3>
          <Link href={path('bots', bot.bot)}>
            <bdi>{bot.bot}</bdi>
          </Link>
        </h3>
        <State of={bot.state} />
      </div>
      <Stopped bot={bot} now={now} />
      <ForecastLine bot={bot} now={now} />
      <BotFigures bot={bot} />
      <Budgets bot={bot} most={2} />
      <SmallPlots bot={bot.bot} />
      <StopButtons bot={bot} onDone={onChange} />
    </li>
  )
}

function BotTable({ bots }: { bots: BotOverview[] }) {
  const t = useWords(words)
  const c = useWords(common)
  const heads = [
    c('bot'),
    c('state'),
    t('eventsMin'),
    t('ackP99'),
    t('waiting'),
    t('oldest'),
    t('sentHour'),
    t('failedHour'),
    t('n429'),
    c('deadLetters'),
  ]
  return (
    <div class="card scroll">
      <table class="table stacks bot-table">
        <caption class="visually-hidden">{t('bots')}</caption>
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={head} scope="col" class={index > 1 ? 'number' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bots.map((bot) => (
            <BotRow key={bot.bot} bot={bot} heads={heads} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function BotRow({ bot, heads }: { bot: BotOverview; heads: string[] }) {
  const language = useLanguage()
  const n = (value: number) => count(value, language)
  const troubles = new Set(troublesOf(bot).map(({ name }) => name))
  const { ack, waiting, sends } = bot
  const cells: [text: string, tone?: string | false][] = [
    [n(bot.eventsPerMinute)],
    [
      ack ? duration(Math.round(ack.p99Ms), language) : '–',
      (troubles.has('ack_late') && 'bad-text') || (troubles.has('ack_near') && 'warn-text'),
    ],
    [n(waiting.items), (troubles.has('grows') || troubles.has('no_worker')) && 'bad-text'],
    [waiting.items ? duration(waiting.oldestAgeMs, language) : '–', troubles.has('old') && 'bad-text'],
    [n(sends.sent)],
    [n(sends.failed), sends.failed > 0 && 'bad-text'],
    [n(bot.limited), bot.limited > 0 && 'warn-text'],
  ]
  return (
    <tr class={toneOf(bot)}>
      <th scope="row" data-label={heads[0]}>
        <span class="bot-cell">
          <PlatformMark platform={bot.platform} />
          <Link href={path('bots', bot.bot)}>
            <bdi>{bot.bot}</bdi>
          </Link>
        </span>
      </th>
      <td data-label={heads[1]}>
        <State of={bot.state} />
      </td>
      {cells.map(([text, tone], index) => (
        <td key={heads[index + 2]} data-label={heads[index + 2]} class={`number ${tone || ''}`}>
          {text}
        </td>
      ))}
      <td data-label={heads[9]} class="number">
        {bot.deadLetters > 0 ? (
          <Link href={`/dead-letters?bot=${encodeURIComponent(bot.bot)}`}>
            <Badge tone="warn">{n(bot.deadLetters)}</Badge>
          </Link>
        ) : (
          '0'
        )}
      </td>
    </tr>
  )
}
