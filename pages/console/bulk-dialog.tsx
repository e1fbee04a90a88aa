import { useEffect, useState } from 'preact/hooks'
import type {
  BulkResult,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterView,
  DiscardRequest,
  ReplayRequest,
} from '../../apps/console/api-types'
import { count } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Button, Dialog, Problem } from '../shared/parts'
import { request } from './api'
import { Id, State } from './bits'
import { useProblemWords } from './problem-words'
import { type PlanSum, planned, readForPlan, sumPlans } from './replay-plan'
import { useDesk } from './session'
import { writeQuery } from './url-state'
import { common } from './words'

const words = {
  replayTitle: ['Replay {n} dead letters?', 'デッドレター {n} 件を再実行しますか?'],
  discardTitle: ['Discard {n} dead letters?', 'デッドレター {n} 件を破棄しますか?'],
  replay1Title: ['Replay 1 dead letter?', 'デッドレター 1 件を再実行しますか?'],
  discard1Title: ['Discard 1 dead letter?', 'デッドレター 1 件を破棄しますか?'],
  replay: ['Replay {n} dead letters', '{n} 件を再実行'],
  replay1: ['Replay 1 dead letter', '1 件を再実行'],
  discard: ['Discard {n} dead letters', '{n} 件を破棄'],
  discard1: ['Discard 1 dead letter', '1 件を破棄'],
  discardWhat: [
    'They are deleted for good, with what was said. Nothing is sent, and nobody gets an answer.',
    '内容も含めて完全に削除し、元に戻せません。何も送信しません。',
  ],
  late: ['LINE replies whose token ran out', '応答トークンが失効した LINE の返信'],
  drop: ['Leave them out (free)', '送信しない(無料)'],
  push: ['Send them as pushes (billed)', 'プッシュとして送信する(有料)'],
  looking: ['Looking at what would be sent…', '送信内容を確認しています…'],
  sample: [
    'Checked the first {seen} of {all}; the others may differ.',
    '{all} 件のうち最初の {seen} 件を確認した結果です。残りは異なることがあります。',
  ],
  sends: [
    '{n} {n|call|calls} with {messages} {messages|message|messages} will be sent',
    '{n} 回の呼び出しで {messages} 件のメッセージを送信',
  ],
  handlers: [
    'The handler runs again for {n} {n|event|events}; late replies are treated the same way',
    '{n} 件のイベントでハンドラーをもう一度実行(その返信も同じ扱い)',
  ],
  billed: ['{n} {n|call is|calls are} billed (LINE pushes)', 'うち {n} 回は有料(LINE のプッシュ)'],
  twice: ['{n} {n|call|calls} may arrive a second time', '{n} 回は二重に届くおそれあり'],
  stays: [
    '{n} {n|call was|calls were} sent before and {n|is|are} not sent again',
    '{n} 回は送信済みのため再送しない',
  ],
  dropped: ['{n} {n|call|calls} will not be sent', '{n} 回は送信しない'],
  impossible: [
    '{n} can’t be replayed this way and {n|stays|stay}',
    '{n} 件はこの方法では再実行できず、そのまま残ります',
  ],
  free: ['As far as known, nothing is billed', '現時点で分かる範囲では、有料の送信なし'],
  to: ['to', '宛先'],
  details: ['What is sent to whom', '誰に何を送るか'],
  unknownEvent: [
    'Hookline does not know this event: discard it.',
    'Hookline が対応していないイベントのため、再実行しても同じ結果になります。破棄してください。',
  ],
  tokenGone: [
    'Its reply token has expired: replay it with late replies as pushes.',
    '応答トークンが失効しているため、このままでは送信できません。遅れた返信をプッシュ(有料)にして再実行してください。',
  ],
  runsHandler: ['the handler runs again', 'ハンドラーをもう一度実行'],
  doneReplay: ['{n} replayed', '{n} 件を再実行しました'],
  doneDiscard: ['{n} discarded', '{n} 件を破棄しました'],
  failed: ['{n} could not be done:', '{n} 件は処理できませんでした:'],
} as const

export interface Chosen {
  /** Those, or all that the filter matches. */
  letters?: { bot: string; id: string }[]
  filter?: DeadLetterFilter
  /** How many that is. */
  n: number
}

interface BulkProps {
  action: 'replay' | 'discard'
  chosen: Chosen
  onClose: () => void
  /** Something was done. */
  onDone: () => void
}

/** Says how many and what will happen, then does it, then says what was done. */
export function BulkDialog({ action, chosen, onClose, onDone }: BulkProps) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const { post, tell } = useDesk()
  const problemOf = useProblemWords()
  const [late, setLate] = useState<'drop' | 'push'>('drop')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const [failed, setFailed] = useState<BulkResult['failed']>()
  const n = count(chosen.n, language)
  const act = async () => {
    setBusy(true)
    try {
      const result = (await post(`/dead-letters/${action}`, bodyOf({ action, chosen, late }))) as BulkResult
      tell(t(action === 'replay' ? 'doneReplay' : 'doneDiscard', { n: count(result.done, language) }))
      onDone()
      if (result.failed.length === 0) onClose()
      else setFailed(result.failed)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  const title = t(chosen.n === 1 ? `${action}1Title` : `${action}Title`, { n })
  return (
    <Dialog open title={title} onClose={onClose}>
      {failed ? (
        <Failed failed={failed} onClose={onClose} />
      ) : (
        <form
          class="dialog-form"
          onSubmit={(event) => {
            event.preventDefault()
            void act()
          }}
        >
          {action === 'discard' ? (
            <p>{t('discardWhat')}</p>
          ) : (
            <Plan chosen={chosen} late={late} onLate={setLate} />
          )}
          {problem && <Problem>{problem}</Problem>}
          <div class="dialog-buttons">
            <Button onClick={onClose}>{c('cancel')}</Button>
            <Button type="submit" look={action === 'discard' ? 'danger' : 'primary'} disabled={busy}>
              {t(chosen.n === 1 ? `${action}1` : action, { n })}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}

function bodyOf({ action, chosen, late }: Pick<BulkProps, 'action' | 'chosen'> & { late: 'drop' | 'push' }) {
  const { letters, filter, n: expect } = chosen
  const which: DiscardRequest = { expect, ...(letters ? { letters } : { filter: filter ?? {} }) }
  const replay: ReplayRequest = { ...which, late }
  return action === 'replay' ? replay : which
}

function Failed({ failed, onClose }: { failed: BulkResult['failed']; onClose: () => void }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  return (
    <div class="dialog-form" role="status">
      <p>{t('failed', { n: count(failed.length, language) })}</p>
      <ul class="plan-calls">
        {failed.map(({ bot, id, words: why }) => (
          <li key={`${bot} ${id}`}>
            <Id>{`${bot} ${id}`}</Id>: <bdi>{why}</bdi>
          </li>
        ))}
      </ul>
      <div class="dialog-buttons">
        <Button look="primary" onClick={onClose}>
          {c('close')}
        </Button>
      </div>
    </div>
  )
}

interface PlanProps {
  chosen: Chosen
  late: 'drop' | 'push'
  onLate: (late: 'drop' | 'push') => void
}

function Plan({ chosen, late, onLate }: PlanProps) {
  const t = useWords(words)
  const language = useLanguage()
  const problemOf = useProblemWords()
  const [views, setViews] = useState<DeadLetterView[]>()
  const [problem, setProblem] = useState('')
  useEffect(() => {
    lettersOf(chosen)
      .then((letters) => readForPlan(letters, readLetter))
      .then(setViews)
      .catch((error: unknown) => setProblem(problemOf(error)))
  }, [])
  const isLine = views?.some(({ platform }) => platform === 'line') ?? false
  const plans = views?.map((view) => (late === 'push' ? view.planAsPush : view.plan))
  return (
    <>
      {isLine && (
        <fieldset class="late">
          <legend>{t('late')}</legend>
          {(['drop', 'push'] as const).map((each) => (
            <label key={each} class="check">
              <input type="radio" name="late" checked={late === each} onChange={() => onLate(each)} />
              {t(each)}
            </label>
          ))}
        </fieldset>
      )}
      {problem && <Problem>{problem}</Problem>}
      <div role="status">
        {!plans && !problem && <p>{t('looking')}</p>}
        {plans && <PlanWords sum={sumPlans(plans)} />}
        {plans && plans.length < chosen.n && (
          <p class="hint">
            {t('sample', { seen: count(plans.length, language), all: count(chosen.n, language) })}
          </p>
        )}
      </div>
      {views && <PlanDetails views={views} late={late} />}
    </>
  )
}

const readLetter = ({ bot, id }: { bot: string; id: string }) =>
  request(`/dead-letters/${encodeURIComponent(bot)}/${encodeURIComponent(id)}`) as Promise<DeadLetterView>

async function lettersOf({ letters, filter }: Chosen): Promise<{ bot: string; id: string }[]> {
  if (letters) return letters
  const page = (await request(`/dead-letters${writeQuery({ ...filter, limit: planned })}`)) as DeadLetterPage
  return page.letters
}

export function PlanWords({ sum }: { sum: PlanSum }) {
  const t = useWords(words)
  const language = useLanguage()
  const n = (value: number) => ({ n: count(value, language) })
  return (
    <ul class="plan-words">
      {sum.handlers > 0 && <li>{t('handlers', n(sum.handlers))}</li>}
      {(sum.sends > 0 || sum.handlers === 0) && (
        <li>{t('sends', { ...n(sum.sends), messages: count(sum.messages, language) })}</li>
      )}
      {sum.billed > 0 ? <li class="warn-text">{t('billed', n(sum.billed))}</li> : <li>{t('free')}</li>}
      {sum.maybeTwice > 0 && <li class="warn-text">{t('twice', n(sum.maybeTwice))}</li>}
      {sum.stays > 0 && <li>{t('stays', n(sum.stays))}</li>}
      {sum.dropped > 0 && <li>{t('dropped', n(sum.dropped))}</li>}
      {sum.impossible > 0 && <li class="bad-text">{t('impossible', n(sum.impossible))}</li>}
    </ul>
  )
}

function PlanDetails({ views, late }: { views: DeadLetterView[]; late: 'drop' | 'push' }) {
  const t = useWords(words)
  return (
    <details open={views.length === 1}>
      <summary>{t('details')}</summary>
      <ul class="plan-calls">
        {views.map((view) => (
          <PlanOfLetter key={`${view.bot} ${view.id}`} view={view} late={late} />
        ))}
      </ul>
    </details>
  )
}

/** The server says it in English only. */
const whyNot = (reason: string) => (reason === 'not_understood' ? 'unknownEvent' : 'tokenGone')

export function PlanOfLetter({ view, late }: { view: DeadLetterView; late: 'drop' | 'push' }) {
  const t = useWords(words)
  const language = useLanguage()
  const plan = late === 'push' ? view.planAsPush : view.plan
  return (
    <li>
      <Id>{`${view.bot} · ${view.lane}`}</Id>
      {language === 'en' ? <p>{plan.words}</p> : !plan.possible && <p>{t(whyNot(view.reason))}</p>}
      {plan.possible && (
        <ul>
          {plan.runsHandler && <li>{t('runsHandler')}</li>}
          {plan.calls.map((call, index) => (
            <li key={index}>
              <State of={call.does} /> <code>{call.operation}</code>{' '}
              {call.to && (
                <>
                  {t('to')} <Id>{call.to}</Id>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
