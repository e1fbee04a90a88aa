import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Masked, OutcomeFilter } from '../../apps/console/api-types'
import { clockTime, count, duration, percent } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Problem, type Tone } from '../shared/parts'
import { alertDetail } from './alert-words'
import type { Loaded } from './use-data'
import { useProblemWords } from './problem-words'
import { readable } from './readable'
import { common, lookUp, platformName, reasonWords, stateWords, storyWords } from './words'

let isFirstPage = true

/** The view's heading. It names the document and takes the focus after a navigation, so that a screen reader reads it. */
export function PageHead({
  title,
  children,
  above,
}: {
  title: string
  children?: ComponentChildren
  above?: ComponentChildren
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Hookline`
  }, [title])
  useEffect(() => {
    if (!isFirstPage) heading.current?.focus()
    isFirstPage = false
  }, [])
  return (
    <header class="page-head">
      <div>
        {above}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      {children && <div class="page-actions">{children}</div>}
    </header>
  )
}

/** What is known; what is missing is said: not there yet, or why not. */
export function Loading<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  const t = useWords(common)
  if (of.data !== undefined)
    return (
      <>
        <Staleness of={of} />
        {children(of.data)}
      </>
    )
  if (of.error) return <LoadProblem of={of} />
  return (
    <p class="loading" role="status">
      {t('loading')}
    </p>
  )
}

const staleWords = {
  stale: [
    'Not up to date: this is from {time}. {why} Trying again.',
    '{time} 時点の情報です。{why} 再試行しています。',
  ],
  retry: ['Try again', '再試行'],
} as const

function Staleness<T>({ of: { error, at } }: { of: Loaded<T> }) {
  const t = useWords(staleWords)
  const language = useLanguage()
  const problemOf = useProblemWords()
  if (!error || at === undefined) return null
  return (
    <p class="notice warn" role="status">
      {t('stale', { time: clockTime(at, language), why: problemOf(error) })}
    </p>
  )
}

function LoadProblem<T>({ of: { error, reload } }: { of: Loaded<T> }) {
  const t = useWords(staleWords)
  const problemOf = useProblemWords()
  return (
    <div class="load-problem">
      <Problem>{problemOf(error)}</Problem>
      <button type="button" class="button" onClick={reload}>
        {t('retry')}
      </button>
    </div>
  )
}

/** A text of a user: always text, never HTML, kept to itself whatever its direction; or how long it is. */
export function Said({ text, erased }: { text: Masked | undefined; erased?: true | undefined }) {
  const t = useWords(common)
  const language = useLanguage()
  if (erased) return <span class="said-masked">{t('erased')}</span>
  if (!text) return null
  if ('masked' in text)
    return <span class="said-masked">{t('characters', { n: count(text.masked, language) })}</span>
  return <bdi class="said">{readable(text.text)}</bdi>
}

/** An id or another word of a machine: shown whole, breaks anywhere. */
export function Id({ children }: { children: string }) {
  return <bdi class="id mono">{readable(children)}</bdi>
}

export function Ago({ at, now = Date.now() }: { at: number; now?: number }) {
  const t = useWords(common)
  const language = useLanguage()
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString(language)}>
      {t('ago', { t: duration(Math.max(1000, Math.round((now - at) / 1000) * 1000), language) })}
    </time>
  )
}

export function Clock({ at }: { at: number }) {
  const language = useLanguage()
  return (
    <time class="clock" dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString(language)}>
      {clockTime(at, language)}
    </time>
  )
}

const tones: Record<string, Tone> = {
  works: 'good',
  paused: 'warn',
  held: 'warn',
  failing: 'bad',
  opening: 'info',
  done: 'good',
  sent: 'good',
  waiting: 'info',
  working: 'info',
  sending: 'info',
  parked: 'bad',
  failed: 'warn',
}

export function State({ of }: { of: string }) {
  const language = useLanguage()
  return (
    <Badge {...(tones[of] ? { tone: tones[of] } : {})}>
      {lookUp({ ...storyWords, ...stateWords }, of, language)}
    </Badge>
  )
}

/** A stable word, in the page's language; the word itself as its title, for the logs. */
export function Reason({ of }: { of: string }) {
  const language = useLanguage()
  return <span title={of}>{lookUp(reasonWords, of, language)}</span>
}

const marks: Record<string, string> = { lineworks: 'LW', line: 'L', tocaro: 'T' }

export function PlatformMark({ platform }: { platform: string | undefined }) {
  if (!platform) return null
  return (
    <span
      class={`platform-mark ${platform}`}
      role="img"
      aria-label={platformName(platform)}
      title={platformName(platform)}
    >
      {marks[platform] ?? platform.slice(0, 2)}
    </span>
  )
}

interface MeterProps {
  label: string
  value: number
  max: number
  /** Said instead of the percentage. */
  words?: string
}

/** How much of something is used: above 50 % and 90 % it changes its colour. */
export function Meter({ label, value, max, words }: MeterProps) {
  const language = useLanguage()
  const share = max > 0 ? value / max : 0
  const tone = share >= 0.9 ? 'bad' : share >= 0.5 ? 'warn' : 'good'
  return (
    <div
      class={`meter ${tone}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.min(value, max)}
      aria-valuetext={words ?? percent(share, language)}
    >
      <span style={{ width: `${Math.min(100, Math.max(share > 0 ? 2 : 0, share * 100))}%` }} />
    </div>
  )
}

export function Fact({
  label,
  children,
  tone,
}: {
  label: string
  children: ComponentChildren
  tone?: Tone | undefined
}) {
  return (
    <div class={`fact ${tone ?? ''}`}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function AlertDetail({ of }: { of: Parameters<typeof alertDetail>[0] }) {
  const detail = alertDetail(of, useLanguage())
  return detail ? <span lang={detail.lang}>{detail.words}</span> : null
}

export const outcomeFilters: OutcomeFilter[] = ['done', 'parked', 'waiting', 'failed']

interface ChoiceProps {
  label: string
  value: string | undefined
  options: { value: string; label: string }[]
  onChange: (value: string) => void
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select class="input" value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  )
}
