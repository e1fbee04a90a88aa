import { baseUrl, certificates, filePath, oneOf, redisUrl, token, wholeNumber, words } from './kinds'
import type { ProcessSetting } from './setting'

const port = wholeNumber({ min: 0, max: 65_535 })
const second = 1000
const hour = 3_600_000
const megabyte = 1024 * 1024

/** Settings of the processes, in the order in which the documentation lists them. */
export const processSettings = {
  redisUrl: {
    field: 'redisUrl',
    env: 'REDIS_URL',
    roles: ['ingress', 'worker', 'operator'],
    schema: redisUrl,
    secret: true,
    ifMissing:
      'Set REDIS_URL, e.g. redis://127.0.0.1:6379, or run `hookline dev`, which starts a Redis of its own',
    doc: {
      en: 'The Redis (or Valkey) that keeps events and messages: redis://[USER:PASSWORD@]HOST:6379[/DB], or redis+sentinel://[USER:PASSWORD@]HOST:26379,HOST:26379/PRIMARY[/DB], or redis+cluster://[USER:PASSWORD@]HOST:7000,HOST:7001; with rediss instead of redis for TLS (docs/redis.md). `hookline dev` starts one by itself when this is not set; ingress and worker alone refuse to start without it.',
      ja: 'イベントとメッセージを保存する Redis(または Valkey)の URL。redis://[ユーザー:パスワード@]ホスト:6379[/DB]、redis+sentinel://[ユーザー:パスワード@]ホスト:26379,ホスト:26379/プライマリー名[/DB]、redis+cluster://[ユーザー:パスワード@]ホスト:7000,ホスト:7001 のいずれかで、TLS を使うときは redis を rediss にします(docs/redis.ja.md を参照)。未設定でも `hookline dev` は自前の Redis を起動しますが、ingress と worker を単独で動かすときは必須です。',
    },
    example: 'redis://127.0.0.1:6379',
  },
  redisCa: {
    field: 'redisCa',
    env: 'REDIS_CA',
    roles: ['ingress', 'worker', 'operator'],
    schema: certificates,
    secret: true,
    optional: true,
    doc: {
      en: "Certificates (PEM) of the authorities that may have signed the certificate of a Redis with TLS, instead of the well-known ones. Needed where Redis' certificate comes from a private authority; usually given as REDIS_CA_FILE.",
      ja: 'TLS の Redis が提示する証明書を検証するための認証局(CA)証明書(PEM)。指定すると、一般的な CA の代わりにこれだけを信頼します。プライベート CA を使う場合に必要で、通常は REDIS_CA_FILE で指定します。',
    },
  },
  redisWaitReplicas: {
    field: 'redisWaitReplicas',
    env: 'REDIS_WAIT_REPLICAS',
    roles: ['ingress'],
    schema: wholeNumber({ min: 0, max: 10 }),
    default: '0',
    commentedOut: true,
    doc: {
      en: 'Number of replicas that must have received an event before its webhook is acknowledged, so that a failover loses nothing that was acknowledged; 0 asks for none. What they do not confirm within 200 ms goes to the journal as well. When they stay away for 10 seconds events are acknowledged without them, which /readyz and a metric tell (docs/redis.md).',
      ja: 'Webhook に応答する前に、イベントを受け取っていなければならない Redis レプリカの数。フェイルオーバーが起きても、応答済みのイベントを失わないための設定です。0 なら確認しません。200 ms 以内に確認できなかったイベントはジャーナルにも書き込みます。レプリカの応答が 10 秒間ないときは確認なしで応答し、そのことを /readyz とメトリクスで知らせます(docs/redis.ja.md を参照)。',
    },
    example: '1',
  },
  host: {
    field: 'host',
    env: 'HOST',
    roles: ['ingress', 'worker', 'emulator'],
    schema: token,
    default: '127.0.0.1',
    commentedOut: true,
    doc: {
      en: 'Address to listen on. The default is reachable from this machine only; in a container use 0.0.0.0.',
      ja: '待ち受けるアドレス。既定値ではこのマシンからしか接続できません。コンテナーでは 0.0.0.0 にします。',
    },
    example: '0.0.0.0',
  },
  ingressPort: {
    field: 'port',
    env: 'INGRESS_PORT',
    roles: ['ingress'],
    schema: port,
    default: '3000',
    doc: {
      en: 'Port of the ingress, which receives the webhooks. 0 takes a free one.',
      ja: 'Webhook を受け取る ingress のポート番号。0 にすると空いているポートを使います。',
    },
    example: '3000',
  },
  workerPort: {
    field: 'port',
    env: 'WORKER_PORT',
    roles: ['worker'],
    schema: port,
    default: '3003',
    doc: {
      en: 'Port of the worker, for health checks and metrics.',
      ja: 'worker のポート番号(ヘルスチェックとメトリクス用)。',
    },
    example: '3003',
  },
  emulatorPort: {
    field: 'port',
    env: 'EMULATOR_PORT',
    roles: ['emulator'],
    schema: port,
    default: '3002',
    doc: {
      en: 'Port of the emulator, which stands in for the three platforms during development.',
      ja: '開発時に 3 つのプラットフォームの代わりをするエミュレーターのポート番号。',
    },
    example: '3002',
  },
  ingressUrl: {
    field: 'ingressUrl',
    env: 'INGRESS_URL',
    roles: ['emulator'],
    schema: baseUrl,
    default: 'http://127.0.0.1:3000',
    commentedOut: true,
    doc: {
      en: 'Where the emulator sends its webhooks: the address of the ingress, without a path.',
      ja: 'エミュレーターが Webhook を送る先。ingress のアドレスをパスなしで指定します。',
    },
    example: 'http://ingress:3000',
  },
  configFile: {
    field: 'configFile',
    env: 'HOOKLINE_CONFIG',
    // Read before everything else: it decides where the other settings come from.
    roles: [],
    schema: words,
    default: 'hookline.config.yaml',
    commentedOut: true,
    doc: {
      en: 'Config file that lists the bots. When the default file does not exist, the bots come from the environment; a file named here must exist.',
      ja: 'ボットを定義する設定ファイル。既定のファイルが存在しない場合は、環境変数からボットを構成します。ここで明示したファイルは必ず存在しなければなりません。',
    },
    example: 'hookline.config.yaml',
  },
  logLevel: {
    field: 'logLevel',
    env: 'LOG_LEVEL',
    roles: ['ingress', 'worker', 'emulator'],
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    doc: {
      en: 'Least severe log level that is written: trace, debug, info, warn, error, fatal or silent.',
      ja: '出力するログの最低レベル。trace、debug、info、warn、error、fatal、silent(出力なし)のいずれか。',
    },
    example: 'info',
  },
  journalDir: {
    field: 'journalDir',
    env: 'HOOKLINE_JOURNAL_DIR',
    roles: ['ingress'],
    schema: filePath,
    path: true,
    default: '.hookline/journal',
    doc: {
      en: 'Folder on a local disk where the ingress keeps events while Redis does not take them. Several ingress processes may share it; in a container it belongs on a volume.',
      ja: 'Redis が受け付けられない間、ingress がイベントを保存するローカルディスク上のフォルダー。複数の ingress で共有できます。コンテナーではボリュームに置きます。',
    },
    example: '/var/lib/hookline/journal',
  },
  journalMaxBytes: {
    field: 'journalMaxBytes',
    env: 'HOOKLINE_JOURNAL_MAX_MB',
    roles: ['ingress'],
    schema: wholeNumber({ min: 1, max: 100_000, unit: megabyte }),
    default: '512',
    doc: {
      en: 'Megabytes that the journal may take. When it is full and Redis is still away, webhooks are answered with 503.',
      ja: 'ジャーナルの上限(MB)。満杯になっても Redis が戻らない場合、Webhook には 503 を返します。',
    },
    example: '512',
  },
  redisMemoryShare: {
    field: 'redisMemoryShare',
    env: 'REDIS_MEMORY_SHARE',
    roles: ['ingress'],
    schema: wholeNumber({ min: 1, max: 100 }),
    default: '80',
    doc: {
      en: "Percent of Redis's maxmemory above which the ingress keeps new events in the journal, so that workers always have room to work. Without a maxmemory nothing happens.",
      ja: 'Redis の使用メモリーが maxmemory のこの割合(%)を超えると、ingress は新しいイベントをジャーナルに保存し、worker が使う余地を残します。maxmemory が未設定なら何もしません。',
    },
    example: '80',
  },
  concurrency: {
    field: 'concurrency',
    env: 'WORKER_CONCURRENCY',
    roles: ['worker'],
    schema: wholeNumber({ min: 1, max: 1000 }),
    default: '50',
    doc: {
      en: 'How many conversations one worker process serves at the same time, per bot. Each single conversation stays in order.',
      ja: '1 つの worker プロセスがボットごとに同時に処理する会話の数。同じ会話の中の順序は常に守られます。',
    },
    example: '50',
  },
  shutdownTimeoutMs: {
    field: 'shutdownTimeoutMs',
    env: 'SHUTDOWN_TIMEOUT',
    roles: ['ingress', 'worker', 'emulator'],
    schema: wholeNumber({ min: 1, max: 3600, unit: second }),
    default: '25',
    doc: {
      en: 'Seconds that a process may take to finish its work when it is told to stop. Keep it below the time after which your container platform kills it (often 30).',
      ja: '停止の指示を受けてから処理中の仕事を終えるまでの制限時間(秒)。コンテナー基盤が強制終了するまでの時間(多くは 30 秒)より短くします。',
    },
    example: '25',
  },
  handlerTimeoutMs: {
    field: 'handlerTimeoutMs',
    env: 'HANDLER_TIMEOUT',
    roles: ['worker'],
    schema: wholeNumber({ min: 1, max: 3600, unit: second }),
    default: '30',
    doc: {
      en: 'Seconds that a bot may take for one event. After that it is aborted and tried again like any failure.',
      ja: 'ボットが 1 つのイベントの処理に使える時間(秒)。超えると中断し、ほかの失敗と同じように再試行します。',
    },
    example: '30',
  },
  retryAttempts: {
    field: 'retryAttempts',
    env: 'RETRY_ATTEMPTS',
    roles: ['worker'],
    schema: wholeNumber({ min: 1, max: 1000 }),
    default: '12',
    doc: {
      en: 'How often an event or message is tried in all before it is parked as a dead letter. Waiting for a rate limit does not count.',
      ja: 'イベントやメッセージの処理を試す回数の上限。これを超えるとデッドレターとして保管します。レート制限による待ちは回数に含みません。',
    },
    example: '12',
  },
  retryMaxAgeMs: {
    field: 'retryMaxAgeMs',
    env: 'RETRY_MAX_AGE',
    roles: ['worker'],
    schema: wholeNumber({ min: 1, max: 720, unit: hour }),
    default: '24',
    doc: {
      en: 'Hours after which an event or message is no longer tried, whatever the number of attempts.',
      ja: '試行回数にかかわらず、イベントやメッセージの再試行をやめるまでの時間(時間単位)。',
    },
    example: '24',
  },
} as const satisfies Record<string, ProcessSetting>
