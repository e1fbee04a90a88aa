import type { Forecast } from '../../apps/console/api-types'
import { count, duration, hourMinute } from '../shared/format'
import { type Language, type Words, translate } from '../shared/i18n'

const words = {
  nothing: ['Nothing waits.', '待っているものはありません。'],
  drains: ['Drains at {time} (in {rest})', '{time} ごろ({rest}後)に片付く見込みです'],
  soon: ['Drains within a minute', '1 分以内に片付く見込みです'],
  grows: [
    'Does not drain: {in} arrive per minute, {done} are done',
    'このままでは片付きません(毎分の受信 {in} 件に対し、処理は {done} 件)',
  ],
  stopped: ['{n} {n|waits|wait}', '{n} 件が待っています'],
  limit: [
    'the {platform} limit is the bottleneck, more workers will not help',
    '{platform} のレート制限が原因なので、worker を増やしても速くなりません',
  ],
  platform: [
    '{platform} is slow or failing, more workers will not help',
    '{platform} の遅延か障害が原因なので、worker を増やしても速くなりません',
  ],
  handler: [
    'the handler is the bottleneck: make it faster, or start more workers',
    'ハンドラーの処理時間が原因です。処理を速くするか、worker を増やしてください',
  ],
  workers: ['too few workers: start more', 'worker が足りません。worker を増やしてください'],
  paused: [
    'the bot is paused until somebody resumes it',
    'ボットは一時停止中です。再開するまで処理されません',
  ],
  held: ['sends are held until somebody releases them', '送信は保留中です。解除するまで送信されません'],
  none: ['', ''],
} satisfies Words

export interface Backlog {
  forecast: Forecast | undefined
  /** Items that wait. */
  waiting: number
  /** Its name for people: `LINE WORKS`. */
  platform: string
  now: number
}

/** When what waits will be done, what keeps it from being faster, and whether more workers help. */
export function forecastWords({ forecast, waiting, platform, now }: Backlog, language: Language): string {
  const t = (word: keyof typeof words, values: Record<string, string | number> = {}) =>
    translate(words, { word, language, values })
  if (waiting === 0) return t('nothing')
  if (!forecast) return sentence([t('stopped', { n: count(waiting, language) })], language)
  const { emptyAt, bottleneck, inPerMinute, donePerMinute } = forecast
  const isStopped = bottleneck === 'paused' || bottleneck === 'held'
  const when = () => {
    if (isStopped) return t('stopped', { n: count(waiting, language) })
    if (emptyAt === undefined)
      return t('grows', { in: count(inPerMinute, language), done: count(donePerMinute, language) })
    if (emptyAt - now < 60_000) return t('soon')
    return t('drains', { time: hourMinute(emptyAt, language, now), rest: duration(emptyAt - now, language) })
  }
  return sentence([when(), t(bottleneck, { platform })], language)
}

function sentence(parts: string[], language: Language): string {
  const filled = parts.filter((part) => part !== '')
  return language === 'ja' ? `${filled.join('。')}。` : `${filled.join('; ')}.`
}
