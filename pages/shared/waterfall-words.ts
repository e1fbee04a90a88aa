import type { Step, StepName } from '#libs/contract'
import type { Words } from './i18n'

export const stepWords = {
  received: ['Received', '受信'],
  verified: ['Signature checked', '署名を検証'],
  journaled: ['Kept in the journal', 'ジャーナルに保存'],
  stored: ['Stored', '保存'],
  waited: ['Waited', '待ち'],
  handler: ['Bot’s handler', 'ハンドラー'],
  permit: ['Permit', '送信枠の確保'],
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
  handler: ['Handler', 'ハンドラー'],
  platform: ['Platform', 'プラットフォーム'],
  own: ['Hookline', 'Hookline'],
  tryNth: ['Try {n}', '{n} 回目の試行'],
  replay: ['After the replay', '再実行後'],
  nthOf: ['try {nth} of {of}', '{of} 回中 {nth} 回目'],
  from: ['after {time}', '+{time}'],
  stillOn: ['under way', '進行中'],
  cut: ['{time} shortened', '{time} を短縮表示'],
  requestId: ['request ID', 'リクエスト ID'],
  time: ['Time since received', '受信からの時間'],
  empty: ['No step is known yet.', 'まだ何も記録されていません。'],
} as const satisfies Words

/** What a code means, whatever the step. */
export const codeWords = {
  api_rate_limited: [
    'The platform said {status}: too many requests. Everyone who shares this limit waits.',
    'プラットフォームが {status}(リクエスト過多)を返しました。同じ制限を共有する送信はすべて待ちます。',
  ],
  api_quota_exhausted: [
    'The monthly quota is used up. Waiting does not help; replies stay free.',
    '月間の送信数を使い切りました。待っても解消しませんが、返信は引き続き無料で送れます。',
  ],
  api_unauthorized: [
    'The platform did not accept the access token. It is renewed once for all workers.',
    'アクセストークンが拒否されました。全 worker の分を 1 回で取得し直します。',
  ],
  api_reply_token_invalid: [
    'The reply token was used, wrong or too old.',
    '応答トークンが使用済みか、不正か、失効しています。',
  ],
  api_rejected: [
    'The platform refuses this request and would refuse it again.',
    'プラットフォームがこのリクエストを拒否しました。送り直しても拒否されます。',
  ],
  api_unavailable: [
    'The platform failed or could not be reached. It is tried again.',
    'プラットフォームで障害が起きているか、接続できません。再試行します。',
  ],
  api_outcome_unknown: [
    'No answer came: the platform may or may not have done it.',
    '応答がなく、実行されたかどうか分かりません。',
  ],
  limit: ['The limit is used up for now: the call waits for its turn.', '送信枠が空くまでの待ち時間です。'],
  closed: [
    'The platform said 429: everyone who shares this limit waits.',
    'プラットフォームが 429 を返したため、この上限を共有するすべての送信が待ちます。',
  ],
  breaker: [
    'The platform fails: calls are held back and tried one by one.',
    'プラットフォームの障害により送信を保留し、1 件ずつ送って復旧を確かめます。',
  ],
  rate: [
    'The platform said 429: everyone who shares this limit waits.',
    'プラットフォームが 429 を返したため、この上限を共有するすべての送信が待ちます。',
  ],
  quota: ['The monthly quota is used up.', '月間の送信数を使い切りました。'],
  behind_others: [
    'Waited behind another message of this conversation.',
    '同じ会話の前のメッセージが終わるまでの待ち時間です。',
  ],
  worker: ['For a free worker.', 'worker が空くまでの待ち時間です。'],
  taken_over: [
    'The worker stopped in the middle of it; another took over.',
    '処理中に worker が停止し、別の worker が引き継ぎました。',
  ],
  retry: ['Waited before the next try.', '次の試行までの待ち時間です。'],
  paused: ['Somebody paused the bot.', '担当者がボットを一時停止しています。'],
  held: ['Somebody holds its sends.', '担当者が送信を保留しています。'],
  muted: [
    'Sending to this group is held for a minute: two bots kept answering each other.',
    'ボット同士の応酬を検知したため、このグループへの送信を 1 分間止めています。',
  ],
  store_unavailable: ['Redis did not take the write.', 'Redis に書き込めませんでした。'],
  handler_error: ['The bot’s handler threw an error.', 'ハンドラーでエラーが発生しました。'],
  handler_threw: ['The bot’s handler threw an error.', 'ハンドラーでエラーが発生しました。'],
  handler_timeout: [
    'The bot’s handler ran longer than its time limit.',
    'ハンドラーが制限時間を超えました。',
  ],
  message_invalid: [
    'The platform does not accept a message like this.',
    'プラットフォームが受け付けない内容のメッセージです。',
  ],
  state_invalid: [
    'The bot tried to store something that can’t be stored: in a session, a timer or a result.',
    'ボットが保存できない値をセッション、タイマー、once の結果に入れようとしました。',
  ],
  no_target: ['There is nobody to send it to.', '送信先がありません。'],
  config_invalid: ['A setting of the bot is wrong.', 'ボットの設定に誤りがあります。'],
  bot_file_invalid: ['The bot’s file can’t be loaded.', 'ボットのファイルを読み込めません。'],
  unsent: ['The user took the message back.', 'ユーザーがメッセージの送信を取り消しました。'],
  attempts_used_up: ['All tries were used up.', '試行回数の上限に達しました。'],
  too_old: ['It was tried for as long as the settings allow.', '再試行の期限を過ぎました。'],
  rejected: [
    'The platform will refuse the same message again.',
    'プラットフォームに拒否されました。同じ内容のままではまた拒否されます。',
  ],
  monthly_quota_used_up: ['The monthly quota is used up.', '月間の送信数を使い切りました。'],
  reply_token_expired: [
    'The reply token had expired before the reply was sent.',
    '返信する前に応答トークンが失効しました。',
  ],
  too_many_replies: [
    'More replies than one reply token can carry.',
    '1 つの応答トークンで送れる数を超えています。',
  ],
  maybe_sent: [
    'It may have been sent: look into the chat.',
    '届いたかどうか分かりません。トークを確認してください。',
  ],
  crashed: [
    'The worker stopped in the middle of it; another took over.',
    '処理中に worker が停止し、別の worker が引き継ぎました。',
  ],
  not_understood: [
    'Authentic, but not an event that Hookline knows.',
    '本物のリクエストですが、Hookline の知らないイベントです。',
  ],
  duplicate: [
    'It was stored before: a duplicate changes nothing.',
    '保存済みのイベントです。重複しても結果は変わりません。',
  ],
} as const satisfies Words

/** What a step without a code means, where that is not plain from its name. */
export const plainWords = {
  journaled: [
    'Redis was away: it was safe on the ingress’s disk.',
    'Redis が使えない間、ingress のディスクに保存していました。',
  ],
  waited: [
    'For a free worker, or behind others of its conversation.',
    'worker が空くか、同じ会話の前のメッセージが終わるまでの待ち時間です。',
  ],
  reply: ['With the reply token: free of charge.', '応答トークンを使った返信(無料)です。'],
  push: ['As a push: counts towards the monthly quota.', 'プッシュです(月間の送信数に数えられます)。'],
  alreadyDone: [
    'The platform had it already: the same retry key, so nothing was sent twice.',
    'すでに送信済みでした。再試行キーが同じなので、二重には届きません。',
  ],
  token: ['Fetched or renewed, once for all workers.', '全 worker の分を 1 回で取得または更新しました。'],
  replayed: ['A person put it back into its lane.', '担当者が再実行し、レーンに戻しました。'],
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
