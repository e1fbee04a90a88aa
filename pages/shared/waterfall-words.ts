import type { Step, StepName } from '#libs/contract'
import type { Words } from './i18n'

export const stepWords = {
  received: ['Received', '受信'],
  verified: ['Signature checked', '署名を確認'],
  journaled: ['Kept in the journal', 'ジャーナルに退避'],
  stored: ['Stored', '保存'],
  waited: ['Waited', '待機'],
  handler: ['Bot’s handler', 'ボットの処理'],
  permit: ['Leave to call', '呼び出しの許可'],
  token: ['Access token', 'アクセストークン'],
  send: ['Send', '送信'],
  api: ['API call', 'API 呼び出し'],
  delivered: ['Delivered', '配信完了'],
  parked: ['Dead letter', 'デッドレター'],
  replayed: ['Replayed', '再実行'],
} as const satisfies Record<StepName, readonly [string, string]>

export const frameWords = {
  caption: ['The way of this message, step by step', 'このメッセージがたどった経路'],
  total: ['Received → delivered', '受信 → 配信'],
  totalParked: ['Received → dead letter', '受信 → デッドレター'],
  totalOpen: ['Since it was received', '受信からの経過'],
  totalOther: ['Received → done', '受信 → 完了'],
  waiting: ['Waiting', '待ち'],
  handler: ['Handler', 'ボットの処理'],
  platform: ['Platform', 'プラットフォーム'],
  own: ['Hookline', 'Hookline'],
  tryNth: ['Try {n}', '{n} 回目の試行'],
  replay: ['After the replay', '再実行後'],
  nthOf: ['try {nth} of {of}', '{of} 回中 {nth} 回目'],
  from: ['after {time}', '{time} 後'],
  stillOn: ['under way', '進行中'],
  cut: ['{time} shortened', '{time} を短縮表示'],
  requestId: ['request', 'リクエスト ID'],
  time: ['Time since received', '受信からの時間'],
  empty: ['No step is known yet.', 'まだ記録された処理はありません。'],
} as const satisfies Words

/** What a code means, whatever the step. */
export const codeWords = {
  api_rate_limited: [
    'The platform said {status}: too many requests. Everyone who shares this limit waits.',
    'プラットフォームが {status}（リクエスト過多）を返しました。この上限を共有するすべての送信が待ちます。',
  ],
  api_quota_exhausted: [
    'The monthly quota is used up. Waiting does not help; replies stay free.',
    '月間の送信上限に達しました。待っても解消しません。応答メッセージは引き続き無料で送れます。',
  ],
  api_unauthorized: [
    'The platform did not accept the access token. It is renewed once for all workers.',
    'アクセストークンが受け付けられませんでした。全ワーカーで一度だけ更新します。',
  ],
  api_reply_token_invalid: [
    'The reply token was used, wrong or too old.',
    '応答トークンが使用済み、不正、または期限切れです。',
  ],
  api_rejected: [
    'The platform refuses this request and would refuse it again.',
    'プラットフォームがこのリクエストを拒否しました。再送しても結果は変わりません。',
  ],
  api_unavailable: [
    'The platform failed or could not be reached. It is tried again.',
    'プラットフォーム側の障害、または接続できませんでした。再試行します。',
  ],
  api_outcome_unknown: [
    'No answer came: the platform may or may not have done it.',
    '応答がありませんでした。実行されたかどうかは不明です。',
  ],
  limit: [
    'The limit is used up for now: the call waits for its turn.',
    '上限に達しているため、順番を待っています。',
  ],
  closed: [
    'The platform said 429: everyone who shares this limit waits.',
    'プラットフォームが 429 を返したため、この上限を共有するすべての送信が待ちます。',
  ],
  breaker: [
    'The platform fails: calls are held back and tried one by one.',
    'プラットフォームの障害中のため送信を止め、1 件ずつ様子を見ています。',
  ],
  rate: [
    'The platform said 429: everyone who shares this limit waits.',
    'プラットフォームが 429 を返したため、この上限を共有するすべての送信が待ちます。',
  ],
  quota: ['The monthly quota is used up.', '月間の送信上限に達しました。'],
  behind_others: [
    'Waited behind another message of this conversation.',
    '同じ会話の前のメッセージの完了を待ちました。',
  ],
  worker: ['For a free worker.', 'ワーカーの空きを待ちました。'],
  taken_over: [
    'The worker before stopped in the middle of it; another took over.',
    '前のワーカーが処理中に停止し、別のワーカーが引き継ぎました。',
  ],
  retry: ['Waited before the next try.', '次の試行まで間隔を空けています。'],
  paused: ['The bot is paused by a person.', 'ボットは一時停止中です。'],
  held: ['Sending is held by a person.', '送信は保留中です。'],
  muted: [
    'The group is held for a minute: the bot and somebody answered each other without end.',
    'ボットと相手の応答が続いたため、このグループを 1 分間保留しています。',
  ],
  store_unavailable: ['Redis did not take the write.', 'Redis に書き込めませんでした。'],
  handler_error: ['The bot’s handler threw an error.', 'ボットの処理でエラーが発生しました。'],
  handler_threw: ['The bot’s handler threw an error.', 'ボットの処理でエラーが発生しました。'],
  handler_timeout: [
    'The bot’s handler ran longer than its time limit.',
    'ボットの処理が制限時間を超えました。',
  ],
  message_invalid: [
    'The bot says something that the platform does not take.',
    'プラットフォームが受け付けない内容のメッセージです。',
  ],
  state_invalid: [
    'The bot keeps what can’t be kept: a session, a timer or a result.',
    '保存できない値（セッション、タイマー、結果）が渡されました。',
  ],
  no_target: ['The bot speaks where nobody can hear it.', '送信先がありません。'],
  config_invalid: ['A setting of the bot is wrong.', 'ボットの設定に誤りがあります。'],
  bot_file_invalid: ['The bot’s file can’t be loaded.', 'ボットのファイルを読み込めません。'],
  unsent: ['The user took the message back.', 'ユーザーがメッセージの送信を取り消しました。'],
  attempts_used_up: ['All tries were used up.', '試行回数の上限に達しました。'],
  too_old: ['It was tried for as long as the settings allow.', '再試行できる期間を過ぎました。'],
  rejected: [
    'The platform will refuse the same message again.',
    'プラットフォームに拒否されました。同じ内容では送れません。',
  ],
  monthly_quota_used_up: ['The monthly quota is used up.', '月間の送信上限に達しました。'],
  reply_token_expired: [
    'The reply token had run out before the reply was sent.',
    '応答を送る前に応答トークンの期限が切れました。',
  ],
  too_many_replies: [
    'More replies than one reply token can carry.',
    '1 つの応答トークンで送れる数を超えています。',
  ],
  maybe_sent: [
    'It may have been sent: look into the chat.',
    '送信済みの可能性があります。トークを確認してください。',
  ],
  crashed: [
    'The worker stopped in the middle of it; another took over.',
    '処理中にワーカーが停止し、別のワーカーが引き継ぎました。',
  ],
  not_understood: [
    'Authentic, but no event that Hookline knows.',
    '正当なリクエストですが、Hookline が知らないイベントです。',
  ],
  duplicate: [
    'It was stored before: a duplicate changes nothing.',
    '保存済みのイベントです。重複は影響しません。',
  ],
} as const satisfies Words

/** What a step without a code means, where that is not plain from its name. */
export const plainWords = {
  journaled: [
    'Redis was away: it was safe on the ingress’s disk.',
    'Redis が使えない間、受信側のディスクに安全に保存されていました。',
  ],
  waited: [
    'For a free worker, or behind others of its conversation.',
    'ワーカーの空き、または同じ会話の前のメッセージを待ちました。',
  ],
  reply: ['With the reply token: free of charge.', '応答トークンで送信（無料）。'],
  push: ['As a push: counts towards the monthly quota.', 'プッシュで送信（月間の送信数に含まれます）。'],
  alreadyDone: [
    'The platform had it already: the same retry key, so nothing was sent twice.',
    '送信済みでした。同じリトライキーのため二重送信にはなりません。',
  ],
  token: ['Fetched or renewed, once for all workers.', '全ワーカー共通で取得または更新しました。'],
  replayed: ['A person put it back into its lane.', '担当者がレーンに戻しました。'],
} as const satisfies Words

export type Explanation =
  { table: 'code'; word: keyof typeof codeWords } | { table: 'plain'; word: keyof typeof plainWords }

/** Why a step took its time or failed; undefined where its name says all, or the code is not known here. */
export function explanationOf(
  { name, code, status, operation }: Step,
  platform: string,
): Explanation | undefined {
  // The failure is told where it happened; the wait that follows from it is one for the next try.
  if (name === 'waited' && code !== undefined && /^(api|handler|store|bot_file)_/.test(code)) {
    return { table: 'code', word: 'retry' }
  }
  if (code !== undefined) return isKey(codeWords, code) ? { table: 'code', word: code } : undefined
  if (platform === 'line' && operation === 'push' && status === 409) return plain('alreadyDone')
  if (status !== undefined && status >= 400) return { table: 'code', word: codeOfStatus(status) }
  if (platform === 'line' && name === 'send' && (operation === 'reply' || operation === 'push')) {
    return plain(operation)
  }
  return isKey(plainWords, name) ? plain(name) : undefined
}

function codeOfStatus(status: number): keyof typeof codeWords {
  if (status === 401) return 'api_unauthorized'
  if (status === 429) return 'api_rate_limited'
  return status >= 500 ? 'api_unavailable' : 'api_rejected'
}

const plain = (word: keyof typeof plainWords): Explanation => ({ table: 'plain', word })

function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key)
}
