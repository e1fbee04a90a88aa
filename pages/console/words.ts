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
  revealAudited: ['Revealing is written to the audit log.', '表示したことは監査ログに記録されます。'],
  erased: ['taken back or erased', '送信取消または消去済み'],
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
  viewerHint: ['Only an operator can do this.', 'この操作ができるのはオペレーターだけです。'],
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
  dropped: ['Not sent', '送信せず'],
  send: ['Will be sent', '送信する'],
  stays_sent: ['Already sent', '送信済み'],
  drop: ['Will not be sent', '送信しない'],
} satisfies Words

/** Why something is a dead letter, and why something waits: the stable words of the log and the metrics. */
export const reasonWords = {
  attempts_used_up: ['All attempts used up', '試行回数の上限'],
  too_old: ['Too old', '再試行の期限切れ'],
  rejected: ['Rejected by the platform', 'プラットフォームによる拒否'],
  message_invalid: ['The message is invalid', '不正なメッセージ'],
  state_invalid: ['The bot’s state can’t be stored', '保存できない状態'],
  no_target: ['Nobody to send it to', '送信先なし'],
  config_invalid: ['A setting is wrong', '設定の誤り'],
  monthly_quota_used_up: ['Monthly quota used up', '月間送信数の使い切り'],
  reply_token_expired: ['Reply token expired', '応答トークンの失効'],
  too_many_replies: ['Too many replies', '返信数の超過'],
  maybe_sent: ['Maybe sent', '届いたかどうか不明'],
  crashed: ['The worker crashed on it', '処理中の worker の停止'],
  not_understood: ['Not understood', '解釈できないイベント'],
  limit: ['Waits for the rate limit', '送信枠の空き待ち'],
  closed: ['Waits after a 429', '429 による待ち'],
  breaker: ['The platform fails, sends wait', '障害による送信の保留'],
  held: ['Sends are held', '送信保留中'],
  muted: ['Two bots kept answering each other', 'ボット同士の応酬による停止'],
  store_unavailable: ['Redis is away', 'Redis の停止'],
  standby: ['Another channel answers', 'ほかのチャネルが応答中'],
  own_message: ['The bot’s own message', 'ボット自身の投稿'],
  unsent: ['The user took it back', 'ユーザーによる送信取消'],
  timer_cancelled: ['The timer was cancelled', 'タイマーの取り消し'],
  retry: ['Waits for the next try', '再試行待ち'],
  paused: ['The bot is paused', 'ボットの一時停止'],
  api_unavailable: ['The platform fails', 'プラットフォームの障害'],
  api_rate_limited: ['Too many requests (429)', 'リクエスト過多(429)'],
  api_rejected: ['The platform refused it', 'プラットフォームによる拒否'],
  api_timeout: ['No answer in time', '応答のタイムアウト'],
  api_outcome_unknown: ['No answer, maybe done', '応答なし(結果は不明)'],
  api_unauthorized: ['Access token refused', 'アクセストークンの拒否'],
  api_quota_exhausted: ['Monthly quota used up', '月間送信数の使い切り'],
  api_reply_token_invalid: ['Reply token refused', '応答トークンの拒否'],
  handler_error: ['The handler failed', 'ハンドラーのエラー'],
  handler_threw: ['The handler threw an error', 'ハンドラーのエラー'],
  handler_timeout: ['The handler took too long', 'ハンドラーの時間切れ'],
  bot_file_invalid: ['The bot file can’t be loaded', 'ボットファイルの読み込み失敗'],
  taken_over: ['The worker stopped, another took over', 'worker の停止による引き継ぎ'],
} satisfies Words

/** Advice about a dead letter, by its reason; for others the server's own words stand. */
export const adviceWords = {
  attempts_used_up: [
    'Find the cause in the attempts: a bug in the handler, or a platform that was away. Fix it, then replay.',
    '試行の記録から原因(ハンドラーの不具合、プラットフォームの障害など)を調べ、直してから再実行してください。',
  ],
  too_old: [
    'It was tried for as long as RETRY_MAX_AGE allows. Replay it if an answer still helps; otherwise discard it.',
    'RETRY_MAX_AGE の期限を過ぎました。いま届けても意味があれば再実行し、なければ破棄してください。',
  ],
  rejected: [
    'The platform will refuse the same message again. If an account or a permission is the cause, fix that and replay; otherwise discard it.',
    '同じメッセージはまた拒否されます。アカウントや権限が原因なら直してから再実行し、そうでなければ破棄してください。',
  ],
  message_invalid: [
    'The platform does not accept what the bot wanted to send. Fix the bot file, then replay.',
    'ボットが送ろうとした内容を、プラットフォームが受け付けません。ボットファイルを直してから再実行してください。',
  ],
  state_invalid: [
    'The bot tried to store something that can’t be stored: in its session, a timer or a result of once. Fix the bot file, then replay.',
    'セッション、タイマー、once の結果のいずれかに、保存できない値があります。ボットファイルを直してから再実行してください。',
  ],
  no_target: [
    'The bot sends to where nobody can receive it. Fix the bot file and replay, or discard it.',
    '受け取る相手のいない宛先に送ろうとしています。ボットファイルを直して再実行するか、破棄してください。',
  ],
  config_invalid: [
    'Fix the settings of the bot, restart the worker, then replay.',
    'ボットの設定を直し、worker を再起動してから再実行してください。',
  ],
  monthly_quota_used_up: [
    'Upgrade the plan of the LINE official account, or wait for the next month; then replay.',
    'LINE 公式アカウントのプランを上げるか、翌月を待ってから再実行してください。',
  ],
  reply_token_expired: [
    'Replay with late replies sent as pushes (billed), or discard it.',
    '間に合わなかった返信をプッシュ(有料)として再実行するか、破棄してください。',
  ],
  too_many_replies: [
    'Replay with late replies sent as pushes (billed) to send the rest, or discard it.',
    '残りの返信をプッシュ(有料)として再実行するか、破棄してください。',
  ],
  maybe_sent: [
    'Look in the chat for the message. If it is missing, replay (a LINE reply: as a push); if it is there, discard this.',
    'メッセージが届いているか、トークで確認してください。届いていなければ再実行し(LINE の返信はプッシュとして)、届いていれば破棄してください。',
  ],
  crashed: [
    'The worker stopped several times on this event. Reproduce it with hookline dev, fix the bot file, then replay.',
    'このイベントの処理中に worker が何度も停止しました。hookline dev で再現し、ボットファイルを直してから再実行してください。',
  ],
  not_understood: [
    'Authentic, but not an event that Hookline knows: a replay changes nothing. Report its raw event, then discard it.',
    '本物のリクエストですが、Hookline の知らないイベントです。再実行しても結果は変わりません。元のイベントを開発元に報告してから破棄してください。',
  ],
} satisfies Words

/** Alert rules: what is wrong, and what to do. */
export const alertWords = {
  oldest_item: ['Messages wait too long', '待ち時間の超過'],
  dead_letters: ['Dead letters', 'デッドレター'],
  breaker_open: ['The platform fails, sends wait', '障害による送信の保留'],
  ack_slow: ['Webhooks are answered late', 'Webhook への応答の遅れ'],
  certificate: ['The certificate expires soon', '証明書の期限'],
  no_events: ['No events arrive', 'イベントの途絶'],
  signature_failures: ['Signatures do not match', '署名の不一致'],
  journal_in_use: ['The journal is in use', 'ジャーナルの使用'],
  redis_down: ['Redis can’t be used', 'Redis の停止'],
  no_worker: ['No worker runs', 'worker の停止'],
} satisfies Words

export const alertAdvice = {
  oldest_item: [
    'Find out what holds the bot back: a pause, the rate limit, a slow handler, too few workers.',
    '一時停止、レート制限、ハンドラーの遅さ、worker の不足のどれが原因かを確認してください。',
  ],
  dead_letters: [
    'Read the cause, fix it, then replay or discard.',
    '原因を取り除いてから、再実行または破棄してください。',
  ],
  breaker_open: [
    'Look at the platform’s status page and at the last errors. Sending goes on by itself when the platform works again.',
    'プラットフォームの障害情報と直近のエラーを確認してください。復旧すると自動的に送信を再開します。',
  ],
  ack_slow: [
    'Look at the latency of Redis and the load of the ingress; add an ingress if it is busy.',
    'Redis の遅延と ingress の負荷を確認し、必要なら ingress を増やしてください。',
  ],
  certificate: ['Renew the certificate of the public URL.', '公開 URL の証明書を更新してください。'],
  no_events: [
    'Check the webhook URL at the platform, the proxy in front and the ingress.',
    'プラットフォームの Webhook URL、手前のプロキシー、ingress を確認してください。',
  ],
  signature_failures: [
    'Compare the bot’s secret with the one at the platform: with a wrong one, every event is refused.',
    'シークレットがプラットフォームの値と一致しているか確認してください。誤っていると、すべてのイベントを拒否します。',
  ],
  journal_in_use: [
    'Redis does not take events. Bring it back: the journal then empties by itself.',
    'Redis がイベントを受け付けていません。Redis を復旧すると、ジャーナルの内容は自動的に投入されます。',
  ],
  redis_down: [
    'Bring Redis back. Events are kept in the journal meanwhile.',
    'Redis を復旧してください。その間のイベントはジャーナルに保存されます。',
  ],
  no_worker: [
    'Start a worker. Events are stored and wait for it.',
    'worker を起動してください。イベントは保存されており、失われません。',
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
