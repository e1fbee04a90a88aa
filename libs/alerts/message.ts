import type { AlertMessage, Phase } from './advance'
import { type Language, type Words, clockText, ruleWords, span } from './words'

/** A message as a channel sends it. */
export interface Letter {
  id: string
  subject: string
  /** Several lines. */
  text: string
  /** For programs: the body of the webhook. */
  body: AlertBody
}

/** What ALERT_WEBHOOK_URL gets, as JSON. */
export interface AlertBody {
  source: 'hookline'
  /** The same when the same is sent again. */
  id: string
  status: Phase
  rule?: string
  bot?: string
  severity?: 'warning' | 'critical'
  /** The number in the words. */
  value?: number
  title: string
  text: string
  /** ISO 8601. */
  since: string
  at: string
  /** Of a recovery: how long it lasted, in seconds. */
  lastedSeconds?: number
}

const marks: Record<Exclude<Phase, 'test'>, (critical: boolean) => Words> = {
  firing: (critical) => (critical ? { en: 'Critical', ja: '重大' } : { en: 'Warning', ja: '警告' }),
  reminder: () => ({ en: 'Still', ja: '継続中' }),
  recovered: () => ({ en: 'Over', ja: '解消' }),
}

const testWords = {
  title: { en: 'Test', ja: 'テスト' },
  text: {
    en: 'This is a test: alerts of Hookline arrive here.',
    ja: 'これはテストです。Hookline のアラートはここに届きます。',
  },
}

export interface Manner {
  language: Language
  timeZone: string
}

/** Puts a message into words. Names the bot and numbers, nothing that anybody said. */
export function letterOf(message: AlertMessage, manner: Manner): Letter {
  const { id, phase, finding, since, at } = message
  const times = { since: new Date(since).toISOString(), at: new Date(at).toISOString() }
  const title = titleOf(message, manner.language)
  const text = textOf(message, manner)
  const subject = `[Hookline] ${title}`
  const body: AlertBody = {
    ...{ source: 'hookline', id, status: phase },
    ...(finding ? { rule: finding.rule, severity: finding.severity } : {}),
    ...(finding?.bot === undefined ? {} : { bot: finding.bot }),
    ...(finding?.value === undefined ? {} : { value: finding.value }),
    ...{ title, text, ...times },
    ...(phase === 'recovered' ? { lastedSeconds: Math.round((at - since) / 1000) } : {}),
  }
  return { id, subject, text: `${subject}\n${text}`, body }
}

function titleOf({ phase, finding }: AlertMessage, language: Language): string {
  if (phase === 'test' || !finding) return testWords.title[language]
  const mark = marks[phase](finding.severity === 'critical')[language]
  const { title } = ruleWords[finding.rule]
  const bot = finding.bot === undefined ? '' : `${finding.bot}: `
  return `${mark}: ${bot}${title[language]}`
}

function textOf({ phase, finding, since, at }: AlertMessage, { language, timeZone }: Manner): string {
  if (phase === 'test' || !finding) return testWords.text[language]
  const begin = clockText(since, timeZone)
  const lasted = span(at - since, language)
  if (phase === 'recovered')
    return language === 'en' ? `It lasted ${lasted}, since ${begin}.` : `${begin} から ${lasted}続きました。`
  const until = language === 'en' ? `Since ${begin} (${lasted}).` : `${begin} から続いています(${lasted})。`
  const first = phase === 'reminder' || at - since >= 120_000 ? [until] : []
  return [finding.words[language], ...first, ruleWords[finding.rule].remedy[language]].join('\n')
}
