import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { History, Overview } from '../../apps/console/api-types'
import { useWords } from '../shared/i18n'
import { Choice, Loading, PageHead, PlatformMark, State } from './bits'
import { BotFigures, Budgets, ForecastLine, Stopped } from './bot-figures'
import { HistoryTable, LargePlots } from './history'
import { StopButtons } from './stop-bot'
import { pathPart } from './url-state'
import { useData } from './use-data'
import { common } from './words'

const words = {
  unknown: ['There is no bot of this name.', 'この名前のボットはありません。'],
  over: ['Over', '期間'],
  m60: ['the last hour', '直近 1 時間'],
  m120: ['the last 2 hours', '直近 2 時間'],
  history: ['History', '推移'],
  now: ['Now', '現在'],
} as const

/** One bot, in full. */
export function BotPage() {
  const t = useWords(words)
  const c = useWords(common)
  const name = pathPart(location.pathname, 1)
  const overview = useData<Overview>('/overview', 5000)
  const bot = overview.data?.bots.find((each) => each.bot === name)
  const inQuery = `?bot=${encodeURIComponent(name)}`
  return (
    <>
      <PageHead title={name} above={<Crumb href="/" words={c('overview')} />}>
        {bot && <StopButtons bot={bot} onDone={overview.reload} />}
      </PageHead>
      <nav class="chips" aria-label={name}>
        <Link href={`/conversations${inQuery}`}>{c('conversations')}</Link>
        <Link href={`/dead-letters${inQuery}`}>{c('deadLetters')}</Link>
        <Link href={`/tail${inQuery}`}>{c('tail')}</Link>
      </nav>
      <Loading of={overview}>
        {({ at }) =>
          bot ? (
            <section class="card bot-full" aria-labelledby="now">
              <h2 id="now" class="visually-hidden">
                {t('now')}
              </h2>
              <div class="bot-title">
                <PlatformMark platform={bot.platform} />
                <State of={bot.state} />
              </div>
              <Stopped bot={bot} now={at} />
              <ForecastLine bot={bot} now={at} />
              <BotFigures bot={bot} />
              <Budgets bot={bot} />
            </section>
          ) : (
            <p class="empty card">{t('unknown')}</p>
          )
        }
      </Loading>
      <BotHistory bot={name} />
    </>
  )
}

export function Crumb({ href, words: text }: { href: string; words: string }) {
  return (
    <Link class="crumb" href={href}>
      ‹ {text}
    </Link>
  )
}

function BotHistory({ bot }: { bot: string }) {
  const t = useWords(words)
  const [minutes, setMinutes] = useState('60')
  const history = useData<History>(`/bots/${encodeURIComponent(bot)}/history?minutes=${minutes}`, 15_000)
  return (
    <section class="history">
      <div class="list-head">
        <h2>{t('history')}</h2>
        <Choice
          label={t('over')}
          value={minutes}
          options={[
            { value: '60', label: t('m60') },
            { value: '120', label: t('m120') },
          ]}
          onChange={setMinutes}
        />
      </div>
      <Loading of={history}>
        {(data) => (
          <>
            <LargePlots history={data} />
            <HistoryTable history={data} />
          </>
        )}
      </Loading>
    </section>
  )
}
