import { Hand, Pause, Play } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { BotOverview } from '../../apps/console/api-types'
import { useWords } from '../shared/i18n'
import { Button, Dialog, Field, Problem } from '../shared/parts'
import { Choice } from './bits'
import { useProblemWords } from './problem-words'
import { useDesk } from './session'
import { common } from './words'

const words = {
  pause: ['Pause', '一時停止'],
  resume: ['Resume', '再開'],
  hold: ['Hold sends', '送信を保留'],
  release: ['Release sends', '保留を解除'],
  pauseTitle: ['Pause {bot}', '{bot} を一時停止'],
  resumeTitle: ['Resume {bot}', '{bot} を再開'],
  holdTitle: ['Hold the sends of {bot}', '{bot} の送信を保留'],
  releaseTitle: ['Release the sends of {bot}', '{bot} の送信保留を解除'],
  pauseWhat: [
    'Webhooks are still answered and stored. Workers finish what they began and take nothing more from the lanes.',
    'Webhook への応答と保存は続きます。worker は処理中のものを終えた後、新しいものを処理しません。',
  ],
  resumeWhat: [
    'Workers go on where they stopped, in order. {n} items wait.',
    'worker は、止めたところから順番に処理を再開します。{n} 件が待っています。',
  ],
  holdWhat: [
    'Handlers run, but nothing is sent: what would be sent waits in its lane. LINE’s reply tokens run out within a minute.',
    'ハンドラーは動き続けますが、メッセージは送信せず、レーンで待たせます。LINE の応答トークンは 1 分ほどで失効します。',
  ],
  releaseWhat: [
    'What waits is sent, within the rate limits.',
    '待っているものを、レート制限の範囲内で送信します。',
  ],
  why: ['Reason (for the others, and the audit log)', '理由(ほかの担当者と監査ログのため)'],
  how: ['For how long', '期間'],
  open: ['Until somebody ends it', '手動で終えるまで'],
  m15: ['15 minutes', '15 分'],
  h1: ['1 hour', '1 時間'],
  h4: ['4 hours', '4 時間'],
  d1: ['1 day', '1 日'],
  told: ['{bot}: {what}', '{bot}: {what}'],
} as const

export type StopAction = 'pause' | 'resume' | 'hold' | 'release'

/** The two buttons of a bot; for those who may act. */
export function StopButtons({ bot, onDone }: { bot: BotOverview; onDone: () => void }) {
  const t = useWords(words)
  const { mayAct } = useDesk()
  const [action, setAction] = useState<StopAction>()
  if (!mayAct) return null
  const isPaused = bot.state === 'paused'
  const isHeld = bot.state === 'held'
  return (
    <div class="stop-buttons">
      <Button
        aria-label={t(isPaused ? 'resumeTitle' : 'pauseTitle', { bot: bot.bot })}
        onClick={() => setAction(isPaused ? 'resume' : 'pause')}
      >
        {isPaused ? <Play size={16} /> : <Pause size={16} />}
        {t(isPaused ? 'resume' : 'pause')}
      </Button>
      <Button
        aria-label={t(isHeld ? 'releaseTitle' : 'holdTitle', { bot: bot.bot })}
        onClick={() => setAction(isHeld ? 'release' : 'hold')}
      >
        <Hand size={16} />
        {t(isHeld ? 'release' : 'hold')}
      </Button>
      {action && (
        <StopDialog bot={bot} action={action} onDone={onDone} onClose={() => setAction(undefined)} />
      )}
    </div>
  )
}

const lasts = { open: 0, m15: 15 * 60_000, h1: 3_600_000, h4: 4 * 3_600_000, d1: 24 * 3_600_000 }

interface StopDialogProps {
  bot: BotOverview
  action: StopAction
  onDone: () => void
  onClose: () => void
}

function StopDialog({ bot, action, onDone, onClose }: StopDialogProps) {
  const t = useWords(words)
  const c = useWords(common)
  const { post, tell } = useDesk()
  const problemOf = useProblemWords()
  const [reason, setReason] = useState('')
  const [lasting, setLasting] = useState<keyof typeof lasts>('open')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const stops = action === 'pause' || action === 'hold'
  const act = async () => {
    setBusy(true)
    try {
      const forMs = stops && lasts[lasting] ? { forMs: lasts[lasting] } : {}
      await post(`/bots/${encodeURIComponent(bot.bot)}/${action}`, {
        ...(reason ? { reason } : {}),
        ...forMs,
      })
      tell(t('told', { bot: bot.bot, what: t(action) }))
      onDone()
      onClose()
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog open title={t(`${action}Title`, { bot: bot.bot })} onClose={onClose}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          void act()
        }}
      >
        <p>{t(`${action}What`, { n: bot.waiting.items })}</p>
        <Field label={t('why')}>
          <input
            class="input"
            value={reason}
            maxLength={200}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </Field>
        {stops && (
          <Choice
            label={t('how')}
            value={lasting}
            options={(['open', 'm15', 'h1', 'h4', 'd1'] as const).map((value) => ({
              value,
              label: t(value),
            }))}
            onChange={(value) => setLasting(value as keyof typeof lasts)}
          />
        )}
        {problem && <Problem>{problem}</Problem>}
        <div class="dialog-buttons">
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {t(action)}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
