import type { Words } from '../shared/i18n'

/** What more than one view says. */
export const common = {
  overview: ['Overview', '概要'],
  conversations: ['Conversations', '会話'],
  deadLetters: ['Dead letters', 'デッドレター'],
  tail: ['Live tail', 'ライブ表示'],
  health: ['Health', '稼働状況'],
  config: ['Configuration', '設定'],
  alerts: ['Alerts', 'アラート'],
  audit: ['Audit log', '監査ログ'],
  queues: ['Queues', 'キュー'],
  bot: ['Bot', 'ボット'],
  allBots: ['All bots', 'すべてのボット'],
  user: ['User', 'ユーザー'],
  conversation: ['Conversation', '会話'],
  time: ['Time', '時刻'],
  from: ['From', '開始'],
  to: ['To', '終了'],
  type: ['Type', '種類'],
  state: ['State', '状態'],
  reason: ['Reason', '理由'],
  outcome: ['Outcome', '結果'],
  platform: ['Platform', 'プラットフォーム'],
  any: ['Any', 'すべて'],
  search: ['Search', '検索'],
  clear: ['Clear', 'クリア'],
  cancel: ['Cancel', 'キャンセル'],
  close: ['Close', '閉じる'],
  more: ['Show more', 'さらに表示'],
  next: ['Next page', '次のページ'],
  first: ['First page', '最初のページ'],
  loading: ['Loading…', '読み込み中…'],
  characters: ['{n} characters, hidden', '{n} 文字(非表示)'],
  reveal: ['Reveal text', 'テキストを表示'],
  revealAudited: ['Revealing is written to the audit log.', '表示した記録は監査ログに残ります。'],
  erased: ['taken back or erased', '取り消し・消去済み'],
  waiting: ['Waiting', '待ち'],
  details: ['Details', '詳細'],
  result: ['Result', '結果'],
  name: ['Name', '名前'],
  value: ['Value', '値'],
  set: ['set', '設定済み'],
  unset: ['unset', '未設定'],
  none: ['none', 'なし'],
  ago: ['{t} ago', '{t}前'],
  since: ['since {t}', '{t} から'],
  until: ['until {t}', '{t} まで'],
  by: ['by {user}', '実行者: {user}'],
  viewerHint: ['Only an operator may do this.', 'この操作ができるのはオペレーターだけです。'],
} satisfies Words

/** Of bots. */
export const stateWords = {
  works: ['Works', '稼働中'],
  paused: ['Paused', '一時停止中'],
  held: ['Sends held', '送信保留中'],
  failing: ['Failing', '障害中'],
  opening: ['Recovering', '復旧中'],
} satisfies Words

/** Of stories, of calls, and of searches. */
export const storyWords = {
  waiting: ['Waiting', '待ち'],
  working: ['Working', '処理中'],
  done: ['Done', '完了'],
  parked: ['Dead letter', 'デッドレター'],
  failed: ['Had failures', '失敗あり'],
  sending: ['Sending', '送信中'],
  sent: ['Sent', '送信済み'],
  dropped: ['Dropped', '送信せず'],
  send: ['Goes out', '送信する'],
  stays_sent: ['Was sent, stays', '送信済みのまま'],
  drop: ['Is given up', '送信しない'],
} satisfies Words

/** Why something is a dead letter, and why something waits: the stable words of the log and the metrics. */
export const reasonWords = {
  attempts_used_up: ['All attempts used up', '試行回数の上限に達した'],
  too_old: ['Too old', '期限切れ'],
  rejected: ['Rejected by the platform', 'プラットフォームが拒否'],
  message_invalid: ['The message is invalid', 'メッセージが不正'],
  state_invalid: ['The bot’s state can’t be kept', 'ボットの状態を保存できない'],
  no_target: ['Nobody to send it to', '送信先がない'],
  config_invalid: ['A setting is wrong', '設定の誤り'],
  monthly_quota_used_up: ['Monthly quota used up', '月間の送信数上限'],
  reply_token_expired: ['Reply token ran out', '応答トークンの失効'],
  too_many_replies: ['Too many replies', '返信が多すぎる'],
  maybe_sent: ['Maybe sent', '送信済みかどうか不明'],
  crashed: ['The handler crashed', 'ハンドラーがクラッシュ'],
  not_understood: ['Not understood', '解釈できないイベント'],
  limit: ['Limit used up for now', '送信枠の空き待ち'],
  closed: ['Waits after a 429', '429 のため待機'],
  breaker: ['The platform fails, sends wait', '障害のため送信を保留'],
  muted: ['Sends are held', '送信保留中'],
  store_unavailable: ['Redis is away', 'Redis に接続できない'],
  standby: ['Another channel answers', '他のチャネルが応答中'],
  own_message: ['The bot’s own message', 'ボット自身の投稿'],
  unsent: ['The user took it back', 'ユーザーが送信を取り消した'],
  timer_cancelled: ['The timer was cancelled', 'タイマーが取り消された'],
  retry: ['Waits for the next try', '再試行待ち'],
  paused: ['The bot is paused', 'ボットは一時停止中'],
  api_unavailable: ['The platform fails or is away', 'プラットフォームの障害・接続不可'],
  api_rate_limited: ['Too many requests (429)', '送信が多すぎる(429)'],
  api_rejected: ['The platform refused it', 'プラットフォームが拒否'],
  api_unauthorized: ['The access token was refused', 'アクセストークンが無効'],
  api_quota_exhausted: ['Monthly quota used up', '月間の送信数上限'],
  api_reply_token_invalid: ['The reply token is not taken any more', '応答トークンが無効'],
  api_outcome_unknown: ['No clear answer, maybe sent', '応答がなく、送信済みか不明'],
  handler_threw: ['The handler failed', 'ハンドラーのエラー'],
  handler_timeout: ['The handler took too long', 'ハンドラーのタイムアウト'],
} satisfies Words

/** Advice about a dead letter, by its reason; for others the server's own words stand. */
export const adviceWords = {
  attempts_used_up: [
    'Find the cause in the attempts: a bug in the handler, or a platform that was away. Mend it, then replay.',
    '試行の記録から原因(ハンドラーの不具合、プラットフォームの停止など)を確認し、直してから再処理してください。',
  ],
  too_old: [
    'It was tried for as long as RETRY_MAX_AGE allows. Replay it if an answer still helps, else discard it.',
    'RETRY_MAX_AGE の期限まで試行しました。今からでも返信する意味があれば再処理し、なければ破棄してください。',
  ],
  rejected: [
    'The platform will refuse the same message again. If the cause lies with an account or a permission, mend that and replay; else discard it.',
    '同じメッセージは再び拒否されます。アカウントや権限が原因なら直してから再処理し、そうでなければ破棄してください。',
  ],
  message_invalid: [
    'The bot says something that the platform does not take. Mend the bot file, then replay.',
    'ボットのメッセージをプラットフォームが受け付けません。ボットファイルを直してから再処理してください。',
  ],
  state_invalid: [
    'The bot keeps what can’t be kept: its session, a timer or a result of once. Mend the bot file, then replay.',
    'セッション、タイマー、once の結果に保存できない値があります。ボットファイルを直してから再処理してください。',
  ],
  no_target: [
    'The bot speaks where nobody can hear it. Mend the bot file, then replay; or discard it.',
    '送信先のない場所に送ろうとしています。ボットファイルを直して再処理するか、破棄してください。',
  ],
  config_invalid: [
    'Mend the settings of the bot, restart the worker, then replay.',
    'ボットの設定を直し、worker を再起動してから再処理してください。',
  ],
  monthly_quota_used_up: [
    'Raise the plan of the LINE official account, or wait for the next month; then replay.',
    'LINE 公式アカウントのプランを上げるか、翌月を待ってから再処理してください。',
  ],
  reply_token_expired: [
    'Replay with late replies as pushes, which are billed; or discard it.',
    '間に合わなかった返信をプッシュ(有料)として再処理するか、破棄してください。',
  ],
  too_many_replies: [
    'Replay with late replies as pushes to send the rest, which is billed; or discard it.',
    '残りをプッシュ(有料)として再処理するか、破棄してください。',
  ],
  maybe_sent: [
    'Look into the chat whether the message is there. If not, replay (a LINE reply: as a push); if so, discard it.',
    'トーク画面でメッセージが届いているか確認してください。届いていなければ再処理し(LINE の返信はプッシュとして)、届いていれば破棄してください。',
  ],
  crashed: [
    'The handler seems to end the worker on this event. Reproduce it with hookline dev, mend the bot file, then replay.',
    'このイベントでハンドラーが worker を停止させているようです。hookline dev で再現し、ボットファイルを直してから再処理してください。',
  ],
  not_understood: [
    'Authentic, but no event that Hookline knows: a replay changes nothing. Report its raw object, then discard it.',
    '正規のものですが、Hookline の知らないイベントです。再処理しても結果は変わりません。元のデータを報告してから破棄してください。',
  ],
} satisfies Words

/** Alert rules: what is wrong, and what to do. */
export const alertWords = {
  oldest_item: ['Messages wait too long', '長く待っているメッセージがあります'],
  dead_letters: ['Dead letters', 'デッドレターがあります'],
  breaker_open: ['The platform fails, sends wait', 'プラットフォームの障害により送信を保留しています'],
  ack_slow: ['Webhooks are answered late', 'Webhook への応答が遅れています'],
  certificate: ['The certificate runs out', '証明書の期限が近づいています'],
  no_events: ['No events come', 'イベントが届いていません'],
  signature_failures: ['Signatures do not match', '署名の検証に失敗しています'],
  journal_in_use: ['The journal is in use', 'ジャーナルを使用中です'],
  redis_down: ['Redis can’t be used', 'Redis を使用できません'],
  no_worker: ['No worker runs', 'worker が動いていません'],
} satisfies Words

export const alertAdvice = {
  oldest_item: [
    'See what keeps the bot: a pause, a limit, a slow handler, too few workers.',
    '一時停止、送信上限、ハンドラーの遅れ、worker の不足のどれが原因かを確認してください。',
  ],
  dead_letters: [
    'Read the cause, remove it, then replay or discard.',
    '原因を確認して取り除き、再処理するか破棄してください。',
  ],
  breaker_open: [
    'Look at the platform’s status page and at the last errors. It opens by itself when a send works again.',
    'プラットフォームの障害情報と直近のエラーを確認してください。送信できるようになれば自動的に再開します。',
  ],
  ack_slow: [
    'Look at Redis’ latency and the ingress’ load; add an ingress if it is busy.',
    'Redis の遅延と ingress の負荷を確認し、必要なら ingress を増やしてください。',
  ],
  certificate: ['Renew the certificate of the public URL.', '公開 URL の証明書を更新してください。'],
  no_events: [
    'Check the webhook URL at the platform, the proxy in front and the ingress.',
    'プラットフォームの Webhook URL、手前のプロキシー、ingress を確認してください。',
  ],
  signature_failures: [
    'Compare the channel secret with the one at the platform; a wrong one refuses every event.',
    'チャネルシークレットなどの設定値をプラットフォームの値と照合してください。誤っているとすべてのイベントを拒否します。',
  ],
  journal_in_use: [
    'Redis does not take events. Bring it back; the journal drains by itself.',
    'Redis がイベントを受け付けていません。復旧すればジャーナルの内容は自動的に取り込まれます。',
  ],
  redis_down: [
    'Bring Redis back. Events are kept in the journal meanwhile.',
    'Redis を復旧してください。その間のイベントはジャーナルに保存されます。',
  ],
  no_worker: [
    'Start a worker. Events are stored and wait.',
    'worker を起動してください。イベントは保存され、待機しています。',
  ],
} satisfies Words

export const platformNames: Record<string, string> = {
  lineworks: 'LINE WORKS',
  line: 'LINE',
  tocaro: 'Tocaro',
}

export function platformName(platform: string | undefined): string {
  return platform ? (platformNames[platform] ?? platform) : ''
}

/** The words of a table, or the stable word itself where the table does not know it. */
export function lookUp(table: Words, word: string, language: 'en' | 'ja'): string {
  return table[word]?.[language === 'ja' ? 1 : 0] ?? word.replaceAll('_', ' ')
}
