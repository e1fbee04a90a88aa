import { businessHours, emailAddress, emailAddresses, postUrl, room, smtpUrl, timeZone } from './alert-kinds'
import { baseUrl, oneOf, orNothing, wholeNumber } from './kinds'
import type { ProcessSetting } from './setting'

const second = 1000
const hour = 3_600_000
const roles = ['console'] as const

/** Who is told when something goes wrong, and from when on. */
export const alertSettings = {
  ingressPublicUrl: {
    field: 'ingressPublicUrl',
    env: 'HOOKLINE_PUBLIC_URL',
    roles,
    schema: orNothing(baseUrl),
    default: '',
    doc: {
      en: 'Address under which the platforms reach the ingress, without a path. The console looks at its certificate and tells before it ends (ALERT_CERTIFICATE).',
      ja: '各プラットフォームから ingress に届く公開アドレス(パスなし)。console がこのアドレスの証明書を確認し、期限が切れる前に知らせます(ALERT_CERTIFICATE)。',
    },
    example: 'https://bots.example.com',
  },
  alertWebhookUrl: {
    field: 'alertWebhookUrl',
    env: 'ALERT_WEBHOOK_URL',
    roles,
    schema: orNothing(postUrl),
    secret: true,
    default: '',
    doc: {
      en: 'URL to which alerts are posted as JSON (docs/alerts.md).',
      ja: 'アラートを JSON で POST する URL(docs/alerts.ja.md を参照)。',
    },
  },
  alertSlackUrl: {
    field: 'alertSlackUrl',
    env: 'ALERT_SLACK_URL',
    roles,
    schema: orNothing(postUrl),
    secret: true,
    default: '',
    doc: {
      en: 'Incoming webhook of Slack, or of anything that takes the same { "text": … }, to which alerts are posted.',
      ja: 'アラートを送る Slack の Incoming Webhook の URL。同じ { "text": … } を受け付けるほかのサービスでも使えます。',
    },
  },
  alertEmailTo: {
    field: 'alertEmailTo',
    env: 'ALERT_EMAIL_TO',
    roles,
    schema: orNothing(emailAddresses),
    default: '',
    doc: {
      en: 'E-mail addresses that get the alerts, separated by commas. Needs ALERT_EMAIL_FROM and ALERT_SMTP_URL.',
      ja: 'アラートを受け取るメールアドレス。複数あるときはカンマで区切ります。ALERT_EMAIL_FROM と ALERT_SMTP_URL も必要です。',
    },
    example: 'ops@example.com',
  },
  alertEmailFrom: {
    field: 'alertEmailFrom',
    env: 'ALERT_EMAIL_FROM',
    roles,
    schema: orNothing(emailAddress),
    default: '',
    doc: {
      en: 'Sender of the alerts by e-mail.',
      ja: 'アラートのメールの差出人アドレス。',
    },
    example: 'hookline@example.com',
  },
  alertSmtpUrl: {
    field: 'alertSmtpUrl',
    env: 'ALERT_SMTP_URL',
    roles,
    schema: orNothing(smtpUrl),
    secret: true,
    default: '',
    doc: {
      en: 'Mail server for the alerts: smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587, which uses STARTTLS where the server offers it.',
      ja: 'アラートの送信に使うメールサーバー。smtps://ユーザー:パスワード@ホスト:465、または smtp://ユーザー:パスワード@ホスト:587(サーバーが対応していれば STARTTLS を使います)。',
    },
  },
  alertRoom: {
    field: 'alertRoom',
    env: 'ALERT_ROOM',
    roles,
    schema: orNothing(room),
    default: '',
    doc: {
      en: 'Chat that gets the alerts, from a bot of Hookline itself: BOT:user:ID, BOT:group:ID, BOT:room:ID or BOT:channel:ID. On LINE each one is a push, which is billed.',
      ja: 'アラートを送るトーク。Hookline のボット自身が送信します。ボット名:user:ID、ボット名:group:ID、ボット名:room:ID、ボット名:channel:ID のいずれか。LINE ではプッシュメッセージとなり、課金対象です。',
    },
    example: 'helpdesk:channel:00000000-0000-0000-0000-000000000000',
  },
  alertLanguage: {
    field: 'alertLanguage',
    env: 'ALERT_LANGUAGE',
    roles,
    schema: oneOf(['en', 'ja']),
    default: 'en',
    doc: {
      en: 'Language of the alerts: en or ja.',
      ja: 'アラートの言語。en(英語)または ja(日本語)。',
    },
    example: 'ja',
  },
  alertReminder: {
    field: 'alertReminderMs',
    env: 'ALERT_REMINDER',
    roles,
    schema: wholeNumber({ min: 0, max: 720, unit: hour }),
    default: '24',
    doc: {
      en: 'Hours after which an alert that goes on is told again; 0 for never.',
      ja: '解消しないアラートをもう一度知らせるまでの時間(時間単位)。0 なら再通知しません。',
    },
    example: '24',
  },
  alertOldestItem: {
    field: 'alertOldestItemMs',
    env: 'ALERT_OLDEST_ITEM',
    roles,
    schema: wholeNumber({ min: 0, max: 864_000, unit: second }),
    default: '300',
    doc: {
      en: 'Alert when the oldest event or message of a bot waits for longer than so many seconds; 0 turns it off.',
      ja: 'ボットの最も古いイベントやメッセージの待ち時間がこの秒数を超えたら知らせます。0 で無効。',
    },
    example: '300',
  },
  alertDeadLetters: {
    field: 'alertDeadLetters',
    env: 'ALERT_DEAD_LETTERS',
    roles,
    schema: wholeNumber({ min: 0, max: 1_000_000 }),
    default: '1',
    doc: {
      en: 'Alert when a bot has so many dead letters, and again when it has more than were told; 0 turns it off.',
      ja: 'ボットのデッドレターがこの件数に達したら知らせます。知らせた件数より増えると、もう一度知らせます。0 で無効。',
    },
    example: '1',
  },
  alertBreakerOpen: {
    field: 'alertBreakerMs',
    env: 'ALERT_BREAKER_OPEN',
    roles,
    schema: wholeNumber({ min: 0, max: 86_400, unit: second }),
    default: '60',
    doc: {
      en: 'Alert when sending has been held for so many seconds because the platform fails (breaker); 0 turns it off.',
      ja: 'プラットフォームの障害で送信を止めている状態(ブレーカー)がこの秒数続いたら知らせます。0 で無効。',
    },
    example: '60',
  },
  alertAckSlow: {
    field: 'alertAckPercent',
    env: 'ALERT_ACK_SLOW',
    roles,
    schema: wholeNumber({ min: 0, max: 1000 }),
    default: '50',
    doc: {
      en: 'Alert when the slowest answers to webhooks (p99 of five minutes) take more than this percentage of the time that the platform allows, where that is known; 0 turns it off.',
      ja: 'Webhook への応答時間(直近 5 分の p99)が、プラットフォームの制限時間のこの割合(%)を超えたら知らせます。制限時間がわかっているプラットフォームだけが対象です。0 で無効。',
    },
    example: '50',
  },
  alertCertificate: {
    field: 'alertCertificateDays',
    env: 'ALERT_CERTIFICATE',
    roles,
    schema: wholeNumber({ min: 0, max: 365 }),
    default: '21',
    doc: {
      en: 'Alert when the certificate of HOOKLINE_PUBLIC_URL ends within so many days; 0 turns it off.',
      ja: 'HOOKLINE_PUBLIC_URL の証明書の残り日数がこの日数を切ったら知らせます。0 で無効。',
    },
    example: '21',
  },
  alertNoEvents: {
    field: 'alertNoEventsHours',
    env: 'ALERT_NO_EVENTS',
    roles,
    schema: wholeNumber({ min: 0, max: 1000 }),
    default: '0',
    doc: {
      en: 'Alert when a bot got no event for so many business hours; 0, the default, turns it off.',
      ja: 'ボットにイベントが届かない状態が営業時間でこの時間数続いたら知らせます。0(既定値)で無効。',
    },
    example: '4',
  },
  alertBusinessHours: {
    field: 'alertBusinessHours',
    env: 'ALERT_BUSINESS_HOURS',
    roles,
    schema: businessHours,
    default: 'Mon-Fri 09:00-18:00',
    doc: {
      en: 'The hours that ALERT_NO_EVENTS counts, such as Mon-Fri 09:00-18:00; several separated by commas.',
      ja: 'ALERT_NO_EVENTS で数える営業時間。Mon-Fri 09:00-18:00 のように書き、複数あるときはカンマで区切ります。',
    },
    example: 'Mon-Fri 09:00-18:00',
  },
  alertTimeZone: {
    field: 'alertTimeZone',
    env: 'ALERT_TIME_ZONE',
    roles,
    schema: timeZone,
    default: 'Asia/Tokyo',
    doc: {
      en: 'Time zone of the business hours, and of the times in alerts.',
      ja: '営業時間と、アラートに書く時刻のタイムゾーン。',
    },
    example: 'Asia/Tokyo',
  },
  alertSignatureFailures: {
    field: 'alertSignatureFailures',
    env: 'ALERT_SIGNATURE_FAILURES',
    roles,
    schema: wholeNumber({ min: 0, max: 1_000_000 }),
    default: '20',
    doc: {
      en: 'Alert when so many webhooks of a bot were refused within five minutes for a bad signature or token; 0 turns it off.',
      ja: '署名やトークンが正しくないために拒否したボットの Webhook が、5 分間でこの件数に達したら知らせます。0 で無効。',
    },
    example: '20',
  },
  alertJournal: {
    field: 'alertJournalEvents',
    env: 'ALERT_JOURNAL',
    roles,
    schema: wholeNumber({ min: 0, max: 1_000_000 }),
    default: '1',
    doc: {
      en: 'Alert when so many events are in the journals and not in Redis yet; 0 turns it off.',
      ja: 'ジャーナルに残り、まだ Redis に入っていないイベントがこの件数に達したら知らせます。0 で無効。',
    },
    example: '1',
  },
  alertRedisDown: {
    field: 'alertRedisMs',
    env: 'ALERT_REDIS_DOWN',
    roles,
    schema: wholeNumber({ min: 0, max: 86_400, unit: second }),
    default: '30',
    doc: {
      en: 'Alert when the console has not reached Redis for so many seconds; 0 turns it off.',
      ja: 'console から Redis に接続できない状態がこの秒数続いたら知らせます。0 で無効。',
    },
    example: '30',
  },
  alertNoWorker: {
    field: 'alertNoWorkerMs',
    env: 'ALERT_NO_WORKER',
    roles,
    schema: wholeNumber({ min: 0, max: 86_400, unit: second }),
    default: '60',
    doc: {
      en: 'Alert when events of a bot have waited for so many seconds while no worker runs for it; 0 turns it off.',
      ja: 'イベントが待っているのに、そのボットを処理する worker がいない状態がこの秒数続いたら知らせます。0 で無効。',
    },
    example: '60',
  },
} as const satisfies Record<string, ProcessSetting>
