import { Eye } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { Revealed, StoryView } from '../../apps/console/api-types'
import { duration } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Problem } from '../shared/parts'
import { Waterfall } from '../shared/waterfall'
import { Clock, Id, Reason, Said, State } from './bits'
import { useProblemWords } from './problem-words'
import { useDesk } from './session'
import { path } from './url-state'
import { common } from './words'

const words = {
  failures: ['{n} failed {n|try|tries}', '失敗 {n} 回'],
  replayed: ['replayed {n}×', '再実行 {n} 回'],
  took: ['took {t}', '所要 {t}'],
  way: ['The way of this message', 'このメッセージの経路'],
  attempts: ['Calls to the platform', 'プラットフォームの呼び出し'],
  operation: ['Call', '呼び出し'],
  status: ['Status', 'ステータス'],
  code: ['Outcome', '結果'],
  took2: ['Took', '所要時間'],
  request: ['Request ID', 'リクエスト ID'],
  ok: ['succeeded', '成功'],
  answers: ['What the bot answered', 'ボットの返信'],
  messages: ['{n} {n|message|messages}', 'メッセージ {n} 件'],
  noAnswers: ['The bot did not answer.', 'ボットは返信していません。'],
  letter: ['Open the dead letter', 'デッドレターを開く'],
  trace: ['Trace', 'トレース'],
  revealed: [
    'Texts are shown; this was written to the audit log.',
    'テキストを表示しました(監査ログに記録済み)。',
  ],
} as const

/** One story: a line that opens to its waterfall, its calls and its answers. */
export function StoryItem({ story, isOpen: opened = false }: { story: StoryView; isOpen?: boolean }) {
  const t = useWords(words)
  const language = useLanguage()
  const [isOpen, setOpen] = useState(opened)
  const [shown, setRevealed] = useState<Revealed>()
  // Erased while it was open: what was revealed goes too.
  const revealed = story.erased ? undefined : shown
  const text = revealed?.text === undefined ? story.text : { text: revealed.text }
  return (
    <details class="story" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Clock at={story.receivedAt} />
        <State of={story.state} />
        <code>{story.type}</code>
        <span class="story-text">
          <Said text={text} erased={story.erased} />
        </span>
        {story.reason && (
          <span class="quiet-text">
            <Reason of={story.reason} />
          </span>
        )}
        {story.failures > 0 && <Badge tone="warn">{t('failures', { n: story.failures })}</Badge>}
        {(story.replays ?? 0) > 0 && <Badge>{t('replayed', { n: story.replays ?? 0 })}</Badge>}
        {story.endedAt !== undefined && (
          <span class="quiet-text">
            {t('took', { t: duration(story.endedAt - story.receivedAt, language) })}
          </span>
        )}
      </summary>
      {isOpen && <StoryBody story={story} revealed={revealed} onReveal={setRevealed} />}
    </details>
  )
}

interface StoryBodyProps {
  story: StoryView
  revealed: Revealed | undefined
  onReveal: (revealed: Revealed) => void
}

function StoryBody({ story, revealed, onReveal }: StoryBodyProps) {
  const t = useWords(words)
  const answers = story.answers.map((answer, index) => {
    const shown = revealed?.answers[index]?.text
    return shown === undefined ? answer : { ...answer, text: { text: shown } }
  })
  return (
    <div class="story-body">
      <h3>{t('way')}</h3>
      <div class="scroll">
        <Waterfall story={story} />
      </div>
      <Attempts story={story} />
      <h3>{t('answers')}</h3>
      {answers.length === 0 && <p class="quiet-text">{t('noAnswers')}</p>}
      <ul class="answers">
        {answers.map((answer, index) => (
          <li key={index}>
            <State of={answer.state} /> <code>{answer.operation}</code>{' '}
            <span class="quiet-text">{t('messages', { n: answer.messages })}</span>
            {answer.text && (
              <p>
                <Said text={answer.text} />
              </p>
            )}
          </li>
        ))}
      </ul>
      <p class="story-foot">
        <span class="quiet-text">
          <Id>{story.id}</Id>
        </span>
        {story.traceId && (
          <span class="quiet-text">
            {t('trace')} <Id>{story.traceId}</Id>
          </span>
        )}
        {story.deadLetter && (
          <Link href={path('dead-letters', story.bot, story.deadLetter)}>{t('letter')}</Link>
        )}
      </p>
      {hasMasked(story) && !story.erased && (
        <Reveal
          what={{ bot: story.bot, story: story.id }}
          isDone={revealed !== undefined}
          onReveal={onReveal}
        />
      )}
    </div>
  )
}

const hasMasked = ({ text, answers }: StoryView) =>
  [text, ...answers.map((answer) => answer.text)].some((each) => each !== undefined && 'masked' in each)

function Attempts({ story }: { story: StoryView }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const sends = story.steps.filter(({ name }) => name === 'send' || name === 'api')
  if (sends.length === 0) return null
  return (
    <div class="scroll">
      <table class="table stacks">
        <caption>{t('attempts')}</caption>
        <thead>
          <tr>
            <th scope="col">{c('time')}</th>
            <th scope="col">{t('operation')}</th>
            <th scope="col">{t('status')}</th>
            <th scope="col">{t('code')}</th>
            <th scope="col">{t('took2')}</th>
            <th scope="col">{t('request')}</th>
          </tr>
        </thead>
        <tbody>
          {sends.map((step, index) => (
            <tr key={index}>
              <td data-label={c('time')}>
                <Clock at={step.at} />
              </td>
              <td data-label={t('operation')}>
                <code>{step.operation ?? step.name}</code>
              </td>
              <td data-label={t('status')}>{step.status ?? '–'}</td>
              <td data-label={t('code')}>{step.code ? <Reason of={step.code} /> : t('ok')}</td>
              <td data-label={t('took2')}>{step.ms === undefined ? '–' : duration(step.ms, language)}</td>
              <td data-label={t('request')}>{step.requestId ? <Id>{step.requestId}</Id> : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RevealProps {
  what: { bot: string; story?: string; deadLetter?: string }
  isDone: boolean
  onReveal: (revealed: Revealed) => void
}

/** Shows what was said, and says that this is noted. Only for those who may. */
export function Reveal({ what, isDone, onReveal }: RevealProps) {
  const t = useWords(words)
  const c = useWords(common)
  const { mayAct, post } = useDesk()
  const problemOf = useProblemWords()
  const [problem, setProblem] = useState('')
  if (isDone)
    return (
      <p class="hint" role="status">
        {t('revealed')}
      </p>
    )
  if (!mayAct) return <p class="hint">{c('viewerHint')}</p>
  const reveal = async () => {
    try {
      onReveal((await post('/reveal', what)) as Revealed)
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  return (
    <div class="reveal">
      <Button onClick={() => void reveal()}>
        <Eye size={16} /> {c('reveal')}
      </Button>
      <span class="hint">{c('revealAudited')}</span>
      {problem && <Problem>{problem}</Problem>}
    </div>
  )
}
