import { Check, CircleAlert, CircleX, Clock, type LucideIcon } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'
import type { Step } from '#libs/contract'
import { duration, seconds } from './format'
import { type Language, useLanguage, useWords } from './i18n'
import { Badge, type Tone } from './parts'
import './waterfall.css'
import {
  failed,
  type Group,
  layOut,
  type Row,
  type Tick,
  type Totals,
  type Waterfall as Layout,
  type WaterfallStory,
} from './waterfall-layout'
import { codeWords, explanationOf, frameWords, plainWords, stepWords } from './waterfall-words'

export type { WaterfallStory } from './waterfall-layout'

const growsEveryMs = 200

interface WaterfallProps {
  story: WaterfallStory
  /** Of a story under way: the server's time, Unix milliseconds. Absent: the browser's clock, which goes on by itself. */
  now?: number
}

/** The way of one event or push: a row per step on one time axis, and what the time went into. */
export function Waterfall({ story, now }: WaterfallProps) {
  const t = useWords(frameWords)
  const clock = useClock(now === undefined && story.endedAt === undefined)
  const layout = layOut(story, now ?? clock)
  if (layout.groups.length === 0) return <p class="empty">{t('empty')}</p>
  const titled = layout.groups.length > 1
  return (
    <div class="waterfall">
      <Summary story={story} layout={layout} />
      <Axis layout={layout} />
      <div class="wf-groups" role="group" aria-label={t('caption')}>
        {layout.groups.map((group) => (
          <GroupOfRows key={group.nth} group={group} titled={titled} story={story} layout={layout} />
        ))}
      </div>
    </div>
  )
}

function useClock(running: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!running) return undefined
    const timer = setInterval(() => setNow(Date.now()), growsEveryMs)
    return () => clearInterval(timer)
  }, [running])
  return now
}

const totalWords = {
  done: 'total',
  parked: 'totalParked',
  waiting: 'totalOpen',
  working: 'totalOpen',
} as const

/** How long it took, and whose time that was. */
function Summary({ story, layout }: { story: WaterfallStory; layout: Layout }) {
  const t = useWords(frameWords)
  const language = useLanguage()
  const { totals } = layout
  const delivered = story.steps.some(({ name }) => name === 'delivered')
  const title = story.state === 'done' && !delivered ? 'totalOther' : totalWords[story.state]
  return (
    <div class="wf-summary">
      <p class="wf-total">
        <span>{t(title)}</span>
        <strong>{duration(totals.ms, language)}</strong>
        {layout.live && (
          <Badge tone="info">
            <span class="wf-pulse" aria-hidden="true" />
            {t('stillOn')}
          </Badge>
        )}
      </p>
      <Shares totals={totals} />
    </div>
  )
}

const shares = ['waiting', 'handler', 'platform', 'own'] as const

function Shares({ totals }: { totals: Totals }) {
  const t = useWords(frameWords)
  const language = useLanguage()
  const there = shares.filter((name) => totals[name] > 0)
  return (
    <div class="wf-shares">
      <div class="wf-share-bar" aria-hidden="true">
        {there.map((name) => (
          <span key={name} class={`wf-${name}`} style={{ flexGrow: totals[name] }} />
        ))}
      </div>
      <ul>
        {there.map((name) => (
          <li key={name}>
            <span class={`wf-swatch wf-${name}`} aria-hidden="true" />
            {t(name)} <strong>{duration(totals[name], language)}</strong>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Only for the eye: each row says its times in words. */
function Axis({ layout: { ticks, tickStep, cuts } }: { layout: Layout }) {
  const t = useWords(frameWords)
  const language = useLanguage()
  return (
    <div class="wf-row wf-axis" aria-hidden="true">
      <div class="wf-lane">
        {ticks.map((tick) => (
          <TickLabel key={tick.ms} tick={tick} step={tickStep} />
        ))}
        {cuts.map((cut) => (
          <span
            key={cut.left}
            class="wf-cut-label"
            title={t('cut', { time: duration(cut.ms, language) })}
            style={{ left: percent(cut.left + cut.width / 2) }}
          >
            {duration(cut.ms, language)}
          </span>
        ))}
      </div>
    </div>
  )
}

function TickLabel({ tick: { left, ms }, step }: { tick: Tick; step: number }) {
  const language = useLanguage()
  const edge = left < 0.03 ? ' first' : left > 0.95 ? ' last' : ''
  return (
    <span class={`wf-tick${edge}`} style={{ left: percent(left) }}>
      {exactTime(ms, step, language)}
    </span>
  )
}

/** As exact as ticks must be to differ: `10.02 s`. */
function exactTime(ms: number, step: number, language: Language): string {
  if (ms < 1000 || step >= 60_000) return duration(ms, language)
  const digits = Math.max(0, 3 - Math.floor(Math.log10(step)))
  return seconds(ms / 1000, digits, language)
}

interface GroupProps {
  group: Group
  titled: boolean
  story: WaterfallStory
  layout: Layout
}

function GroupOfRows({ group, titled, story, layout }: GroupProps) {
  const t = useWords(frameWords)
  const title = group.replayed ? t('replay') : t('tryNth', { n: group.nth })
  return (
    <section class="wf-group" {...(titled ? { 'aria-label': title } : {})}>
      {titled && <h4>{title}</h4>}
      <ol>
        {group.rows.map((row, i) => (
          <StepRow key={i} row={row} story={story} layout={layout} />
        ))}
      </ol>
    </section>
  )
}

function StepRow({ row, story, layout }: { row: Row; story: WaterfallStory; layout: Layout }) {
  const t = useWords(frameWords)
  const name = useWords(stepWords)
  const language = useLanguage()
  const { step, call } = row
  return (
    <li class={`wf-row${failed(step) ? ' wf-failed' : ''}`}>
      <div class="wf-name">
        <span class="wf-step">{name(step.name)}</span>
        {step.operation && <code class="wf-operation">{step.operation}</code>}
        {call && <span class="wf-nth">{t('nthOf', call)}</span>}
      </div>
      <div class="wf-lane" aria-hidden="true">
        {layout.ticks.map((tick) => (
          <i key={tick.ms} class="wf-line" style={{ left: percent(tick.left) }} />
        ))}
        <Bar row={row} />
        {layout.cuts.map((cut) => (
          <i key={cut.left} class="wf-cut" style={{ left: percent(cut.left + cut.width / 2) }} />
        ))}
      </div>
      <div class="wf-ms">
        {row.ms === undefined ? (
          <span class="wf-moment">{t('from', { time: duration(row.fromMs, language) })}</span>
        ) : (
          <>
            <span class="visually-hidden">{t('from', { time: duration(row.fromMs, language) })}: </span>
            <span>{duration(row.ms, language)}</span>
          </>
        )}
      </div>
      <Result row={row} platform={story.platform} />
    </li>
  )
}

function Bar({ row: { left, width, ms, part, open, step } }: { row: Row }) {
  const bad = failed(step) || step.name === 'parked'
  const classes = [`wf-${part}`, open && 'wf-open', bad && 'wf-bad', step.name === 'delivered' && 'wf-good']
  if (ms === undefined) {
    return <i class={['wf-diamond', ...classes].filter(Boolean).join(' ')} style={{ left: percent(left) }} />
  }
  return (
    <i
      class={['wf-bar', ...classes].filter(Boolean).join(' ')}
      style={{ left: `min(${percent(left)}, 100% - 5px)`, width: percent(width) }}
    />
  )
}

/** What the step came to: a badge that says it with a sign too, and why in words. */
function Result({ row: { step, open }, platform }: { row: Row; platform: string }) {
  const t = useWords(frameWords)
  const why = useExplanation(step, platform)
  // The words of a wait say it all; a status, or what failed, is looked for by its own name.
  const verdict = isWait(step) && why && step.status === undefined ? undefined : verdictOf(step)
  return (
    <div class="wf-result">
      {verdict && (
        <Badge tone={verdict.tone}>
          <verdict.Sign size={12} aria-hidden="true" />
          {verdict.text}
        </Badge>
      )}
      {open && <Badge tone="info">{t('stillOn')}</Badge>}
      {why && <span class="wf-why">{why}</span>}
      {step.requestId && (
        <span class="wf-request">
          {t('requestId')} <code>{step.requestId}</code>
        </span>
      )}
    </div>
  )
}

function useExplanation(step: Step, platform: string): string | undefined {
  const ofCode = useWords(codeWords)
  const plain = useWords(plainWords)
  const explanation = explanationOf(step, platform)
  if (!explanation) return undefined
  return explanation.table === 'code'
    ? ofCode(explanation.word, { status: step.status ?? 429 })
    : plain(explanation.word)
}

interface Verdict {
  tone: Tone
  Sign: LucideIcon
  text: string
}

const isWait = ({ name }: Step) => name === 'waited' || name === 'permit' || name === 'journaled'

function verdictOf(step: Step): Verdict | undefined {
  const { status, code } = step
  const text = status === undefined ? code : String(status)
  if (text === undefined) return undefined
  if (isWait(step)) return { tone: 'warn', Sign: Clock, text }
  if (code === undefined && status !== undefined && status < 400) return { tone: 'good', Sign: Check, text }
  return status === 429 ? { tone: 'warn', Sign: CircleAlert, text } : { tone: 'bad', Sign: CircleX, text }
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`
