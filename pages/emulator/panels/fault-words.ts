import type { FaultArea, FaultKind } from './fault-kinds'

export const faultWords = {
  '429': ['429 Too many requests', '429 リクエスト過多'],
  '429-no-header': ['429 without a header', '429（ヘッダーなし）'],
  quota: ['Monthly quota used up', '月間送信上限に到達'],
  '401': ['401 Unauthorized', '401 認証エラー'],
  '403': ['403 Forbidden', '403 権限エラー'],
  '500': ['500 Server error', '500 サーバーエラー'],
  timeout: ['No answer (timeout)', '応答なし（タイムアウト）'],
  'accept-then-cut': ['Accepted, then cut', '受理後に切断'],
  slow: ['Slow answers', '応答の遅延'],
  duplicate: ['Delivered twice', '二重配信'],
  reorder: ['Out of order', '順序の入れ替わり'],
  late: ['Delivered late', '遅延配信'],
  'bad-signature': ['Bad signature', '不正な署名'],
  'reply-token-expired': ['Reply token expired', '応答トークンの期限切れ'],
  'platform-down': ['Platform down', 'プラットフォーム停止'],
  'redis-down': ['Redis down', 'Redis 停止'],
} as const satisfies Record<FaultKind, readonly [string, string]>

export const faultHints = {
  '429': [
    'States how long to wait, where the platform has a header for that. Everyone who shares the limit waits.',
    '待ち時間を示すヘッダーがあれば付けて返します。上限を共有するすべての送信が待ちます。',
  ],
  '429-no-header': [
    'Does not say how long to wait: Hookline backs off by itself.',
    '待ち時間を示しません。Hookline が自動で間隔を空けます。',
  ],
  quota: [
    'LINE only. Pushes become dead letters; replies stay free and go on.',
    'LINE のみ。プッシュはデッドレターになり、無料の応答は送信を続けます。',
  ],
  '401': [
    'The access token is refused. It is renewed once for all workers.',
    'アクセストークンを拒否します。全ワーカーで一度だけ更新されます。',
  ],
  '403': [
    'A right is missing: the message becomes a dead letter.',
    '権限不足を返します。メッセージはデッドレターになります。',
  ],
  '500': [
    'The platform fails: retries with growing waits.',
    '障害を返します。間隔を延ばしながら再試行します。',
  ],
  timeout: ['The call is not done, and never answered.', '処理も応答もしません。'],
  'accept-then-cut': [
    'The call is done, but its answer never arrives: may it be sent again?',
    '処理した後、応答前に切断します。再送してよいかが問われる場面です。',
  ],
  slow: ['The call is done after a delay.', '遅れて処理し、応答します。'],
  duplicate: [
    'Each webhook comes twice: the bot must answer once.',
    '同じ Webhook が二度届きます。応答は一度だけのはずです。',
  ],
  reorder: ['A webhook overtakes the one before it.', '後の Webhook が前のものを追い越します。'],
  late: ['A webhook arrives after a delay.', 'Webhook が遅れて届きます。'],
  'bad-signature': [
    'Signed with another secret: Hookline must refuse it.',
    '別の秘密鍵で署名します。Hookline は拒否するはずです。',
  ],
  'reply-token-expired': [
    'LINE only. The reply is late: it is pushed or becomes a dead letter, as the bot is set.',
    'LINE のみ。応答が間に合わず、設定によりプッシュまたはデッドレターになります。',
  ],
  'platform-down': [
    'No connection at all. Sending is held, and goes on when it is back.',
    '接続できません。送信を止め、復旧後に再開します。',
  ],
  'redis-down': [
    'Webhooks go to the journal and are answered 200 all the same.',
    'Webhook はジャーナルに保存され、200 を返し続けます。',
  ],
} as const satisfies Record<FaultKind, readonly [string, string]>

export const areaWords = {
  api: ['Answers of the platform', 'プラットフォームの応答'],
  webhook: ['Webhooks', 'Webhook'],
  outage: ['Outages', '停止・期限切れ'],
} as const satisfies Record<FaultArea, readonly [string, string]>

export const panelWords = {
  preset: ['429 for 10 s', '429 を 10 秒間'],
  allOff: ['All off', 'すべて解除'],
  onCount: ['{n} on', '{n} 件が有効'],
  noneOn: ['Everything works', '障害なし'],
  kill: ['Kill a worker', 'ワーカーを強制終了'],
  killHint: [
    'SIGKILL in the middle of its work. Another takes over, nothing is lost.',
    '処理中に SIGKILL を送ります。別のワーカーが引き継ぎ、何も失われません。',
  ],
  killed: ['killed {n} times', '終了 {n} 回'],
  workerPid: ['process {pid}', 'プロセス {pid}'],
  noWorker: ['being started again', '再起動中'],
  unavailable: [
    'Only below “hookline dev”, and Redis only where that started a redis-server of its own.',
    '「hookline dev」で起動した場合のみ使えます。Redis の停止には、そこで起動した redis-server が必要です。',
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
  left: ['{n} s left', '残り {n} 秒'],
  hits: ['{n} hits', '{n} 回発生'],
  hit: ['1 hit', '1 回発生'],
} as const
