import type { FaultArea, FaultKind } from './fault-kinds'

export const faultWords = {
  '429': ['429 Too many requests', '429 リクエスト過多'],
  '429-no-header': ['429 without a header', '429(ヘッダーなし)'],
  quota: ['Monthly quota used up', '月間送信数の使い切り'],
  '401': ['401 Unauthorized', '401 認証エラー'],
  '403': ['403 Forbidden', '403 権限エラー'],
  '500': ['500 Server error', '500 サーバーエラー'],
  timeout: ['No answer (timeout)', '応答なし(タイムアウト)'],
  'accept-then-cut': ['Accepted, then cut', '受理後に切断'],
  slow: ['Slow answers', '応答の遅延'],
  duplicate: ['Delivered twice', '二重配信'],
  reorder: ['Out of order', '順序の入れ替わり'],
  late: ['Delivered late', '遅延配信'],
  'bad-signature': ['Bad signature', '不正な署名'],
  'reply-token-expired': ['Reply token expired', '応答トークンの失効'],
  'platform-down': ['Platform down', 'プラットフォーム停止'],
  'redis-down': ['Redis down', 'Redis 停止'],
} as const satisfies Record<FaultKind, readonly [string, string]>

export const faultHints = {
  '429': [
    'States how long to wait, where the platform has a header for that. Everyone who shares the limit waits.',
    '待ち時間を示すヘッダーがあるプラットフォームでは付けて返します。同じ制限を共有する送信はすべて待ちます。',
  ],
  '429-no-header': [
    'Does not say how long to wait: Hookline backs off by itself.',
    '待ち時間を示しません。Hookline が自動的に間隔を空けます。',
  ],
  quota: [
    'LINE only. Pushes become dead letters; replies stay free and go on.',
    'LINE のみ。プッシュはデッドレターになり、無料の返信は引き続き送れます。',
  ],
  '401': [
    'The access token is refused. It is renewed once for all workers.',
    'アクセストークンを拒否します。全 worker の分を 1 回で取得し直します。',
  ],
  '403': [
    'A permission is missing: the message becomes a dead letter.',
    '権限不足のエラーを返します。メッセージはデッドレターになります。',
  ],
  '500': [
    'The platform fails: retries with growing waits.',
    'サーバーエラーを返します。間隔を延ばしながら再試行します。',
  ],
  timeout: ['The call is not done, and never answered.', '呼び出しを処理せず、応答もしません。'],
  'accept-then-cut': [
    'The call is done, but its answer never arrives: may it be sent again?',
    '処理した後、応答せずに切断します。再送してよいかどうかを判断できない状況です。',
  ],
  slow: ['The call is done after a delay.', '遅れて処理し、応答します。'],
  duplicate: [
    'Each webhook comes twice: the bot must answer once.',
    '同じ Webhook が 2 回届きます。ボットの返信は 1 回だけになるはずです。',
  ],
  reorder: ['A webhook overtakes the one before it.', '後の Webhook が、前の Webhook を追い越して届きます。'],
  late: ['A webhook arrives after a delay.', 'Webhook が遅れて届きます。'],
  'bad-signature': [
    'Signed with another secret: Hookline must refuse it.',
    '別のシークレットで署名します。Hookline は拒否するはずです。',
  ],
  'reply-token-expired': [
    'LINE only. The reply is late: it is pushed or becomes a dead letter, as LINE_REPLY_FALLBACK says.',
    'LINE のみ。返信が間に合わず、LINE_REPLY_FALLBACK に従ってプッシュかデッドレターになります。',
  ],
  'platform-down': [
    'No connection at all. Sending is held, and goes on when it is back.',
    'まったく接続できません。送信を保留し、復旧すると再開します。',
  ],
  'redis-down': [
    'Webhooks go to the journal and are answered 200 all the same.',
    'Webhook はジャーナルに保存され、200 を返し続けます。',
  ],
} as const satisfies Record<FaultKind, readonly [string, string]>

export const areaWords = {
  api: ['Answers of the platform', 'プラットフォームの応答'],
  webhook: ['Webhooks', 'Webhook'],
  outage: ['Outages', '停止・失効'],
} as const satisfies Record<FaultArea, readonly [string, string]>

export const panelWords = {
  preset: ['429 for 10 s', '429 を 10 秒間'],
  allOff: ['All off', 'すべて解除'],
  onCount: ['{n} on', '{n} 件が有効'],
  noneOn: ['Everything works', '障害なし'],
  kill: ['Kill a worker', 'worker を強制終了'],
  killHint: [
    'SIGKILL in the middle of its work. Another takes over, nothing is lost.',
    '処理中の worker に SIGKILL を送ります。別の worker が引き継ぎ、何も失われません。',
  ],
  killed: ['killed {n} {n|time|times}', '強制終了 {n} 回'],
  workerPid: ['process {pid}', 'プロセス {pid}'],
  noWorker: ['being started again', '再起動中'],
  unavailable: [
    'Only with “hookline dev”, and Redis only if it started a redis-server of its own.',
    '「hookline dev」で起動した場合だけ使えます。Redis の停止は、hookline dev が redis-server を起動した場合だけ使えます。',
  ],
  settings: ['Settings of “{name}”', '「{name}」の設定'],
  platform: ['Platform', 'プラットフォーム'],
  all: ['All', 'すべて'],
  allThatApply: ['all', 'すべて'],
  rate: ['Share of calls', '発生率'],
  lasts: ['Lasts', '継続時間'],
  delay: ['Delay', '遅延'],
  delayOwn: ['Default', '既定'],
  untilOff: ['Until off', '解除まで'],
  endOne: ['End “{name}” on {platform}', '{platform} の「{name}」を解除'],
  left: ['{time} left', '残り {time}'],
  hits: ['{n} hits', '{n} 回発生'],
  hit: ['1 hit', '1 回発生'],
} as const
