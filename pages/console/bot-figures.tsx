import { Link } from 'wouter-preact'
import type { BotOverview, Budget } from '../../apps/console/api-types'
import { count, duration, hourMinute } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge } from '../shared/parts'
import { Fact, Meter } from './bits'
import { troublesOf } from './bot-troubles'
import { forecastWords } from './forecast'
import { readable } from './readable'
import { platformName } from './words'

const words = {
  events: ['Events/min', 'イベント/分'],
  ack: ['Ack p50 / p99', '応答 p50 / p99'],
  ofDeadline: ['of {t} allowed', '制限 {t}'],
  waiting: ['Waiting', '待ち'],
  lanes: ['{items} in {lanes} {lanes|lane|lanes}', '{items} 件({lanes} レーン)'],
  oldest: ['Oldest', '最長の待ち'],
  sends: ['Sends/h', '送信(1 時間)'],
  sent: ['{n} sent', '成功 {n}'],
  failed: ['{n} failed', '失敗 {n}'],
  limited: ['{n} limited', '制限 {n}'],
  maybe: ['{n} maybe', '不明 {n}'],
  answers429: ['429s/h', '429(1 時間)'],
  deadLetters: ['Dead letters', 'デッドレター'],
  token: ['Token', 'トークン'],
  tokenAge: ['{age} old', '発行後 {age}'],
  tokenLeft: ['{t} left', '残り {t}'],
  tokenStatic: ['fixed', '固定'],
  breaker: ['Breaker', 'ブレーカー'],
  closed: ['closed', '正常'],
  opening: ['recovering', '復旧中'],
  held: ['open, {t}', '保留中({t})'],
  journal: ['Journaled/h', 'ジャーナル(1 時間)'],
  workers: ['Workers', 'worker'],
  timers: ['Timers', 'タイマー'],
  budgets: ['Budget used', '送信枠の使用量'],
  budgetOf: ['{used} of {limit} in {window}', '{used} / {limit}({window}あたり)'],
  shutRate: ['429: waits {t}', '429: あと {t}'],
  shutQuota: ['quota used up', '月間送信数の使い切り'],
  noBudget: ['no calls in the last minute', '直近 1 分の呼び出しなし'],
  stoppedBy: ['by {user}', '実行者: {user}'],
  stoppedSince: ['since {t}', '{t} から'],
  stoppedUntil: ['until {t}', '{t} まで'],
} as const

/** Why it stands still, who did it, and until when. */
export function Stopped({ bot: { stopped }, now }: { bot: BotOverview; now: number }) {
  const t = useWords(words)
  const language = useLanguage()
  if (!stopped) return null
  const { reason, by, since, until } = stopped
  const parts = [
    since && t('stoppedSince', { t: hourMinute(since, language, now) }),
    until && t('stoppedUntil', { t: hourMinute(until, language, now) }),
    by && t('stoppedBy', { user: by }),
  ].filter(Boolean)
  return (
    <p class="stopped">
      {reason && <bdi class="said">“{readable(reason)}”</bdi>} {parts.join(language === 'ja' ? '、' : ', ')}
    </p>
  )
}

export function ForecastLine({ bot, now }: { bot: BotOverview; now: number }) {
  const language = useLanguage()
  const { forecast, waiting, platform } = bot
  if (waiting.items === 0) return null
  const isBad = troublesOf(bot).some(({ name }) => name === 'grows' || name === 'no_worker')
  return (
    <p class={isBad ? 'forecast bad' : 'forecast'}>
      {forecastWords({ forecast, waiting: waiting.items, platform: platformName(platform), now }, language)}
    </p>
  )
}

/** What is known of a bot in figures. */
export function BotFigures({ bot }: { bot: BotOverview }) {
  const t = useWords(words)
  const language = useLanguage()
  const n = (value: number) => count(value, language)
  const time = (ms: number) => duration(ms, language)
  const troubles = new Set(troublesOf(bot).map(({ name }) => name))
  const { waiting, breaker, token } = bot
  return (
    <dl class="facts">
      <Fact label={t('events')}>
        <strong>{n(bot.eventsPerMinute)}</strong>
      </Fact>
      <AckFact bot={bot} />
      <Fact
        label={t('waiting')}
        tone={troubles.has('no_worker') || troubles.has('grows') ? 'bad' : undefined}
      >
        {waiting.items === 0 ? '0' : t('lanes', { lanes: n(waiting.lanes), items: n(waiting.items) })}
      </Fact>
      <Fact
        label={t('oldest')}
        tone={troubles.has('old') ? 'bad' : troubles.has('waits') ? 'warn' : undefined}
      >
        {waiting.items === 0 ? '–' : time(waiting.oldestAgeMs)}
      </Fact>
      <SendsFact bot={bot} />
      <Fact label={t('answers429')} tone={bot.limited > 0 ? 'warn' : undefined}>
        {n(bot.limited)}
      </Fact>
      <Fact label={t('deadLetters')} tone={bot.deadLetters > 0 ? 'warn' : undefined}>
        {bot.deadLetters > 0 ? (
          <Link
            href={`/dead-letters?bot=${encodeURIComponent(bot.bot)}`}
            aria-label={`${bot.bot}: ${t('deadLetters')} ${n(bot.deadLetters)}`}
          >
            {n(bot.deadLetters)}
          </Link>
        ) : (
          '0'
        )}
      </Fact>
      <Fact label={t('breaker')} tone={breaker.state === 'held' ? 'bad' : undefined}>
        {t(breaker.state, { t: time(breaker.heldForMs) })}
      </Fact>
      <Fact label={t('token')}>{token ? <TokenWords token={token} /> : '–'}</Fact>
      <Fact label={t('journal')} tone={bot.journaled > 0 ? 'warn' : undefined}>
        {n(bot.journaled)}
      </Fact>
      <Fact label={t('workers')} tone={troubles.has('no_worker') ? 'bad' : undefined}>
        {bot.workers === undefined ? '?' : n(bot.workers)}
      </Fact>
      <Fact label={t('timers')}>{n(bot.timers)}</Fact>
    </dl>
  )
}

function AckFact({ bot: { bot, ack } }: { bot: BotOverview }) {
  const t = useWords(words)
  const language = useLanguage()
  const time = (ms: number) => duration(Math.round(ms), language)
  if (!ack) return <Fact label={t('ack')}>–</Fact>
  const share = ack.deadlineMs ? ack.p99Ms / ack.deadlineMs : 0
  const limit = ack.deadlineMs === undefined ? '' : t('ofDeadline', { t: time(ack.deadlineMs) })
  return (
    <Fact label={t('ack')} tone={share >= 1 ? 'bad' : share >= 0.5 ? 'warn' : undefined}>
      <span title={limit}>
        {time(ack.p50Ms)} / <strong>{time(ack.p99Ms)}</strong>
      </span>
      {ack.deadlineMs !== undefined && (
        <span class="of-limit">
          <Meter
            label={`${bot}: ${t('ack')}`}
            value={ack.p99Ms}
            max={ack.deadlineMs}
            words={`${time(ack.p99Ms)} ${limit}`}
          />
          <small aria-hidden="true">{time(ack.deadlineMs)}</small>
        </span>
      )}
    </Fact>
  )
}

function SendsFact({ bot: { sends } }: { bot: BotOverview }) {
  const t = useWords(words)
  const language = useLanguage()
  const parts = (['failed', 'limited', 'maybe'] as const).filter((name) => sends[name] > 0)
  return (
    <Fact label={t('sends')}>
      {t('sent', { n: count(sends.sent, language) })}
      {parts.map((name) => (
        <span key={name} class={name === 'failed' ? 'bad-text' : 'warn-text'}>
          {' · '}
          {t(name, { n: count(sends[name], language) })}
        </span>
      ))}
    </Fact>
  )
}

function TokenWords({ token }: { token: NonNullable<BotOverview['token']> }) {
  const t = useWords(words)
  const language = useLanguage()
  const parts = [
    token.kind === 'static' && t('tokenStatic'),
    token.ageMs !== undefined && t('tokenAge', { age: duration(token.ageMs, language) }),
    token.expiresInMs !== undefined && t('tokenLeft', { t: duration(token.expiresInMs, language) }),
  ].filter(Boolean)
  return <>{parts.join(language === 'ja' ? '、' : ', ') || '–'}</>
}

export function Budgets({ bot, most = Infinity }: { bot: BotOverview; most?: number }) {
  const t = useWords(words)
  if (bot.budgets.length === 0) return null
  return (
    <section class="budgets">
      <h3>{t('budgets')}</h3>
      <ul>
        {bot.budgets.slice(0, most).map((budget) => (
          <BudgetLine key={budget.operation} bot={bot.bot} budget={budget} />
        ))}
      </ul>
    </section>
  )
}

function BudgetLine({
  bot,
  budget: { operation, used, limit, windowMs, closed },
}: {
  bot: string
  budget: Budget
}) {
  const t = useWords(words)
  const language = useLanguage()
  const said = t('budgetOf', {
    used: count(used, language),
    limit: count(limit, language),
    window: duration(windowMs, language),
  })
  return (
    <li>
      <span class="budget-name">
        <code>{operation}</code>
        <small>{said}</small>
        {closed && (
          <Badge tone="bad">
            {closed.reason === 'quota'
              ? t('shutQuota')
              : t('shutRate', { t: duration(closed.forMs, language) })}
          </Badge>
        )}
      </span>
      <Meter label={`${bot}: ${operation}`} value={used} max={limit} words={said} />
    </li>
  )
}
