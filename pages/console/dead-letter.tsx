import { RotateCcw, Trash2 } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import type { DeadLetterView, Revealed } from '../../apps/console/api-types'
import { useLanguage, useWords } from '../shared/i18n'
import { Button } from '../shared/parts'
import { Clock, Fact, Id, Loading, PageHead, PlatformMark, Reason, Said, State } from './bits'
import { Crumb } from './bot'
import { BulkDialog, PlanOfLetter, PlanWords } from './bulk-dialog'
import { sumPlans } from './replay-plan'
import { readable } from './readable'
import { useDesk } from './session'
import { Reveal, StoryItem } from './story'
import { path, pathPart } from './url-state'
import { useData } from './use-data'
import { adviceWords, common, lookUp, reasonWords } from './words'

const words = {
  cause: ['Cause', '原因'],
  stack: ['Where it was thrown', '発生箇所(スタックトレース)'],
  advice: ['What to do', '対処'],
  received: ['Received', '受信日時'],
  parked: ['Parked', '保管日時'],
  failures: ['Failed tries', '失敗した試行'],
  replays: ['Replays', '再実行'],
  attempts: ['Attempts', '試行の記録'],
  noAttempts: ['No attempt was recorded.', '試行の記録はありません。'],
  step: ['Step', '段階'],
  handler: ['Handler', 'ハンドラー'],
  send: ['Send', '送信'],
  words: ['What was said', '内容'],
  status: ['Status', 'ステータス'],
  request: ['Request ID', 'リクエスト ID'],
  said: ['Event', 'イベント'],
  calls: ['What the bot wanted to send', 'ボットが送信しようとしたもの'],
  noCalls: [
    'Nothing yet: the handler did not get that far.',
    'ハンドラーが完了していないため、まだありません。',
  ],
  messages: ['{n} {n|message|messages}', 'メッセージ {n} 件'],
  raw: ['Raw event, without tokens', '元のイベント(トークンを除く)'],
  plan: ['What a replay would do', '再実行の内容'],
  planPush: ['With late replies as pushes', '間に合わなかった返信をプッシュとして送る場合'],
  planPlain: ['Plain', '通常の再実行'],
  story: ['Its way', '経路'],
  replay: ['Replay…', '再実行…'],
  discard: ['Discard…', '破棄…'],
  gone: ['It was replayed or discarded.', '再実行または破棄されたため、ここにはありません。'],
} as const

export function DeadLetterPage() {
  const c = useWords(common)
  const t = useWords(words)
  const { mayAct } = useDesk()
  const language = useLanguage()
  const [, navigate] = useLocation()
  const bot = pathPart(location.pathname, 1)
  const id = pathPart(location.pathname, 2)
  const letter = useData<DeadLetterView>(`/dead-letters/${encodeURIComponent(bot)}/${encodeURIComponent(id)}`)
  const [action, setAction] = useState<'replay' | 'discard'>()
  const title = letter.data ? lookUp(reasonWords, letter.data.reason, language) : id
  return (
    <>
      <PageHead title={title} above={<Crumb href="/dead-letters" words={c('deadLetters')} />}>
        {mayAct && letter.data && (
          <>
            <Button look="primary" onClick={() => setAction('replay')}>
              <RotateCcw size={16} /> {t('replay')}
            </Button>
            <Button look="danger" onClick={() => setAction('discard')}>
              <Trash2 size={16} /> {t('discard')}
            </Button>
          </>
        )}
      </PageHead>
      <Loading of={letter}>{(data) => <Letter letter={data} />}</Loading>
      {action && (
        <BulkDialog
          action={action}
          chosen={{ letters: [{ bot, id }], n: 1 }}
          onClose={() => setAction(undefined)}
          onDone={() => navigate(`/dead-letters?bot=${encodeURIComponent(bot)}`)}
        />
      )}
    </>
  )
}

/** An error of a handler brings its stack along: the first line says what, the rest is for who mends it. */
function Cause({ words: all }: { words: string }) {
  const t = useWords(words)
  const [first = '', ...stack] = all.split('\n')
  return (
    <>
      <p class="breaks">
        <bdi>{first}</bdi>
      </p>
      {stack.length > 0 && (
        <details>
          <summary>{t('stack')}</summary>
          <pre class="stack" tabIndex={0}>
            {stack.join('\n')}
          </pre>
        </details>
      )}
    </>
  )
}

function Letter({ letter }: { letter: DeadLetterView }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const advice = adviceIn(language, letter)
  return (
    <div class="letter">
      <section class="card pad">
        <h2>{t('cause')}</h2>
        <Cause words={readable(letter.explanation)} />
        <h3>{t('advice')}</h3>
        <p>{advice}</p>
        <dl class="facts">
          <Fact label={c('bot')}>
            <span class="bot-cell">
              <PlatformMark platform={letter.platform} /> <bdi>{letter.bot}</bdi>
            </span>
          </Fact>
          <Fact label={c('conversation')}>
            <Link href={path('conversations', letter.bot, letter.lane)}>
              <Id>{letter.lane}</Id>
            </Link>
          </Fact>
          <Fact label={t('received')}>
            <Clock at={letter.receivedAt} />
          </Fact>
          <Fact label={t('parked')}>
            <Clock at={letter.parkedAt} />
          </Fact>
          <Fact label={t('failures')}>{letter.failures}</Fact>
          <Fact label={t('replays')}>{letter.replays}</Fact>
        </dl>
      </section>
      <Payload letter={letter} />
      <Attempts letter={letter} />
      <section class="card pad">
        <h2>{t('plan')}</h2>
        <div class="plan-halves">
          <PlanHalf title={t('planPlain')} letter={letter} late="drop" />
          {letter.platform === 'line' && <PlanHalf title={t('planPush')} letter={letter} late="push" />}
        </div>
      </section>
      {letter.story && (
        <section>
          <h2>{t('story')}</h2>
          <div class="card stories">
            <StoryItem story={letter.story} isOpen />
          </div>
        </section>
      )}
    </div>
  )
}

/** The server's advice in English; ours in Japanese, where the reason is known. */
function adviceIn(language: 'en' | 'ja', { reason, advice }: DeadLetterView): string {
  const known = (adviceWords as Record<string, readonly [string, string]>)[reason]
  return known?.[language === 'ja' ? 1 : 0] ?? advice
}

function PlanHalf({ title, letter, late }: { title: string; letter: DeadLetterView; late: 'drop' | 'push' }) {
  return (
    <div class="plan-half">
      <h3>{title}</h3>
      <PlanWords sum={sumPlans([late === 'push' ? letter.planAsPush : letter.plan])} />
      <ul class="plan-calls">
        <PlanOfLetter view={letter} late={late} />
      </ul>
    </div>
  )
}

/** What was said and what would be said: hidden until somebody with leave wants to see it. */
function Payload({ letter }: { letter: DeadLetterView }) {
  const t = useWords(words)
  const [revealed, setRevealed] = useState<Revealed>()
  const text = revealed?.text === undefined ? letter.text : { text: revealed.text }
  return (
    <section class="card pad">
      <h2>{t('said')}</h2>
      <p class="inline">
        <code>{letter.type}</code> <Said text={text} />
      </p>
      <h3>{t('calls')}</h3>
      {letter.calls.length === 0 && <p class="quiet-text">{t('noCalls')}</p>}
      <ul class="answers">
        {letter.calls.map((call, index) => {
          const shown = revealed?.answers[index]?.text
          return (
            <li key={index}>
              <State of={call.state} /> <code>{call.operation}</code> {call.to && <Id>{call.to}</Id>}{' '}
              <span class="quiet-text">{t('messages', { n: call.messages })}</span>
              <p>
                <Said text={shown === undefined ? call.text : { text: shown }} />
              </p>
            </li>
          )
        })}
      </ul>
      {revealed?.raw !== undefined && (
        <>
          <h3>{t('raw')}</h3>
          <pre class="raw" tabIndex={0} aria-label={t('raw')}>
            {readable(pretty(revealed.raw))}
          </pre>
        </>
      )}
      <Reveal
        what={{ bot: letter.bot, deadLetter: letter.id }}
        isDone={revealed !== undefined}
        onReveal={setRevealed}
      />
    </section>
  )
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2)
  } catch {
    return json
  }
}

function Attempts({ letter }: { letter: DeadLetterView }) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <section class="card pad">
      <h2>{t('attempts')}</h2>
      {letter.attempts.length === 0 ? (
        <p class="quiet-text">{t('noAttempts')}</p>
      ) : (
        <div class="scroll">
          <table class="table stacks">
            <caption class="visually-hidden">{t('attempts')}</caption>
            <thead>
              <tr>
                <th scope="col">{c('time')}</th>
                <th scope="col">{t('step')}</th>
                <th scope="col">{c('result')}</th>
                <th scope="col">{t('words')}</th>
                <th scope="col">{t('status')}</th>
                <th scope="col">{t('request')}</th>
              </tr>
            </thead>
            <tbody>
              {letter.attempts.map((attempt, index) => (
                <tr key={index}>
                  <td data-label={c('time')}>
                    <Clock at={attempt.at} />
                  </td>
                  <td data-label={t('step')}>{t(attempt.step)}</td>
                  <td data-label={c('result')}>
                    <Reason of={attempt.code} />
                  </td>
                  <td data-label={t('words')} class="text-cell">
                    <bdi class="said">{readable(attempt.words)}</bdi>
                  </td>
                  <td data-label={t('status')}>{attempt.status ?? '–'}</td>
                  <td data-label={t('request')}>{attempt.requestId ? <Id>{attempt.requestId}</Id> : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
