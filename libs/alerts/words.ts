import type { AlertRuleId } from './types'

export type Language = 'en' | 'ja'
/** The same in both languages. */
export type Words = Record<Language, string>

/** What a rule is about, and the first thing to do; docs/alerts.md tells more. */
export const ruleWords: Record<AlertRuleId, { title: Words; remedy: Words }> = {
  oldest_item: {
    title: { en: 'Events wait too long', ja: 'イベントの待ち時間が長すぎます' },
    remedy: {
      en: 'Look in the console for what holds it back: the platform’s rate limit, a failing platform, a pause, too few workers.',
      ja: 'コンソールで原因を確認してください。プラットフォームのレート制限や障害、一時停止、worker の不足が考えられます。',
    },
  },
  dead_letters: {
    title: { en: 'Dead letters', ja: 'デッドレターがあります' },
    remedy: {
      en: 'Read them in the console, remove the cause, then replay or discard them.',
      ja: 'コンソールで内容を確認し、原因を取り除いてから再実行または破棄してください。',
    },
  },
  breaker_open: {
    title: { en: 'Sending is held', ja: '送信を保留しています' },
    remedy: {
      en: 'The platform fails. Nothing is lost: sending goes on by itself once the platform answers. Look at its status page.',
      ja: 'プラットフォームで障害が起きています。イベントは失われず、復旧すると自動的に送信を再開します。プラットフォームの障害情報を確認してください。',
    },
  },
  ack_slow: {
    title: { en: 'Webhooks are answered slowly', ja: 'Webhook への応答が遅くなっています' },
    remedy: {
      en: 'Look at the load of ingress and Redis, and at the network between them; start another ingress.',
      ja: 'ingress と Redis の負荷、両者の間のネットワークを確認し、必要なら ingress を増やしてください。',
    },
  },
  certificate: {
    title: {
      en: 'The certificate of the public URL expires soon',
      ja: '公開 URL の証明書の期限が近づいています',
    },
    remedy: {
      en: 'Renew it now, and find out why it was not renewed automatically.',
      ja: 'すぐに更新し、自動更新が働かなかった原因を調べてください。',
    },
  },
  no_events: {
    title: { en: 'No events', ja: 'イベントが届いていません' },
    remedy: {
      en: 'Send the bot a message. If it does not arrive, run `hookline doctor` and check the webhook settings at the platform.',
      ja: 'ボットにメッセージを送ってみてください。届かないときは `hookline doctor` を実行し、プラットフォーム側の Webhook 設定を確認してください。',
    },
  },
  signature_failures: {
    title: { en: 'Webhooks are refused', ja: 'Webhook を拒否しています' },
    remedy: {
      en: 'Compare the secret of the bot with the one the platform shows. If they match, somebody is sending forged requests; all of them are refused.',
      ja: 'ボットのシークレットがプラットフォームの表示と一致しているか確認してください。一致していれば第三者による偽のリクエストで、すべて拒否しています。',
    },
  },
  journal_in_use: {
    title: { en: 'Events are in the journal', ja: 'ジャーナルにイベントがたまっています' },
    remedy: {
      en: 'Redis does not take events, or did not until just now. Check that Redis runs, is fast enough, and is not full.',
      ja: 'Redis がイベントを受け付けていないか、少し前まで受け付けていませんでした。Redis が動いているか、遅くないか、メモリーが足りているかを確認してください。',
    },
  },
  redis_down: {
    title: { en: 'Redis does not answer', ja: 'Redis が応答しません' },
    remedy: {
      en: 'Meanwhile events go to the journal; they are handled afterwards. Start Redis, or fix the network.',
      ja: 'その間のイベントはジャーナルに保存し、復旧後に処理します。Redis を起動するか、ネットワークを直してください。',
    },
  },
  no_worker: {
    title: { en: 'No worker runs', ja: 'worker が動いていません' },
    remedy: {
      en: 'Start a worker that has this bot in its configuration. If it ended, its log says why.',
      ja: 'このボットを設定した worker を起動してください。終了していた場合は、ログで原因を確認してください。',
    },
  },
}

const units: [ms: number, Words][] = [
  [24 * 3_600_000, { en: 'd', ja: '日' }],
  [3_600_000, { en: 'h', ja: '時間' }],
  [60_000, { en: 'min', ja: '分' }],
  [1000, { en: 's', ja: '秒' }],
]

/** `12 min`, `12 分`: a span in its largest unit of which there are at least two, rounded down. */
export function span(ms: number, language: Language): string {
  const [unitMs, name] = units.find(([unit]) => ms >= 2 * unit) ?? [1000, { en: 's', ja: '秒' }]
  return `${Math.max(0, Math.floor(ms / unitMs))} ${name[language]}`
}

/** `2026-11-22 14:03`, in a time zone. */
export function clockText(at: number, timeZone: string): string {
  // Swedish writes dates so.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
}

/** `3 dead letters`, `1 dead letter`. */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`
}
