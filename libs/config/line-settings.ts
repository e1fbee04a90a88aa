import { baseUrl, oneOf, privateKey, secretList, token } from './kinds'
import { handler } from './handler-setting'
import { menu } from './menu-setting'
import type { BotSetting } from './setting'
import { timeline } from './timeline-setting'

/** Settings of a LINE bot. */
export const lineSettings = {
  handler,
  channelSecret: {
    env: 'LINE_CHANNEL_SECRET',
    schema: secretList,
    secret: true,
    usedBy: 'both',
    optional: true,
    doc: {
      en: 'Channel secret of the Messaging API channel (LINE Developers Console, Basic settings). The ingress verifies webhooks with it; the worker needs it only for stateless access tokens. Several during a rotation, newest first.',
      ja: 'Messaging API チャネルのチャネルシークレット(LINE Developers コンソールの「チャネル基本設定」)。ingress が Webhook の署名検証に使います。worker ではステートレスチャネルアクセストークンを使う場合だけ必要です。切り替え中は新しいものから順に複数指定できます。',
    },
  },
  channelAccessToken: {
    env: 'LINE_CHANNEL_ACCESS_TOKEN',
    schema: token,
    secret: true,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Long-lived channel access token (LINE Developers Console, Messaging API settings). Or let the worker fetch tokens itself: see the two other ways.',
      ja: '長期のチャネルアクセストークン(LINE Developers コンソールの「Messaging API 設定」)。代わりに、ほかの 2 つの方法で worker にトークンを取得させることもできます。',
    },
  },
  channelId: {
    env: 'LINE_CHANNEL_ID',
    schema: token,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Channel ID (LINE Developers Console, Basic settings). Needed when the worker fetches access tokens itself.',
      ja: 'チャネル ID(LINE Developers コンソールの「チャネル基本設定」)。worker にアクセストークンを取得させる場合に必要です。',
    },
    example: '2001234567',
  },
  assertionKey: {
    env: 'LINE_ASSERTION_KEY',
    schema: privateKey,
    secret: true,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Private assertion signing key for channel access tokens v2.1: RSA, as PEM or JWK.',
      ja: 'チャネルアクセストークン v2.1 用のアサーション署名キー(秘密鍵)。RSA 鍵を PEM または JWK で指定します。',
    },
  },
  assertionKid: {
    env: 'LINE_ASSERTION_KID',
    schema: token,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Key ID (kid) that the LINE Developers Console shows for the registered public key.',
      ja: '公開鍵を登録したときに LINE Developers コンソールに表示されるキー ID(kid)。',
    },
    example: '536e453c-aa93-4449-8e58-000000000000',
  },
  replyFallback: {
    env: 'LINE_REPLY_FALLBACK',
    schema: oneOf(['push', 'park']),
    default: 'park',
    usedBy: 'worker',
    doc: {
      en: 'What becomes of a reply whose reply token has run out: push sends it as a push message, which counts towards the monthly quota; park keeps it as a dead letter.',
      ja: '応答トークンの期限が切れた返信の扱い。push はプッシュメッセージとして送信します(月間の無料メッセージ数に数えられ、有料になる場合があります)。park は送信せずデッドレターとして保管します。',
    },
    example: 'park',
  },
  menu: menu('LINE_MENU'),
  timeline: timeline('LINE_TIMELINE'),
  apiBaseUrl: {
    env: 'LINE_API_BASE_URL',
    schema: baseUrl,
    default: 'https://api.line.me',
    usedBy: 'worker',
    everyBot: true,
    doc: {
      en: 'Base URL of the Messaging API. Change it only to reach an emulator or a proxy.',
      ja: 'Messaging API のベース URL。エミュレーターやプロキシーを使う場合だけ変更します。',
    },
    example: 'https://api.line.me',
  },
  dataApiBaseUrl: {
    env: 'LINE_DATA_API_BASE_URL',
    schema: baseUrl,
    default: 'https://api-data.line.me',
    usedBy: 'worker',
    everyBot: true,
    doc: {
      en: 'Base URL from which images, videos and files are fetched. Change it only to reach an emulator or a proxy.',
      ja: '画像、動画、ファイルを取得するためのベース URL。エミュレーターやプロキシーを使う場合だけ変更します。',
    },
    example: 'https://api-data.line.me',
  },
} as const satisfies Record<string, BotSetting>

/** Each entry alone is enough to get an access token: long-lived, stateless, v2.1. */
export const lineCredentials: (keyof typeof lineSettings)[][] = [
  ['channelAccessToken'],
  ['channelId', 'channelSecret'],
  ['channelId', 'assertionKey', 'assertionKid'],
]
