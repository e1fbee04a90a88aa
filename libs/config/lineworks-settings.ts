import { anyText, baseUrl, limits, oneOf, privateKey, secretList, token, words } from './kinds'
import { handler } from './handler-setting'
import { menu } from './menu-setting'
import type { BotSetting } from './setting'
import { timeline } from './timeline-setting'

/** Settings of a LINE WORKS bot. */
export const lineworksSettings = {
  handler,
  botId: {
    env: 'LINEWORKS_BOT_ID',
    schema: token,
    usedBy: 'both',
    doc: {
      en: 'Bot ID (LINE WORKS Developer Console, Bot).',
      ja: 'Bot ID(LINE WORKS Developer Console の「Bot」)。',
    },
    example: '2000001',
  },
  botSecret: {
    env: 'LINEWORKS_BOT_SECRET',
    schema: secretList,
    secret: true,
    usedBy: 'ingress',
    doc: {
      en: 'Bot Secret, with which the ingress verifies callbacks (LINE WORKS Developer Console, Bot). Several during a rotation, newest first.',
      ja: 'ingress が Callback の署名検証に使う Bot Secret(LINE WORKS Developer Console の「Bot」)。切り替え中は新しいものから順に複数指定できます。',
    },
  },
  botName: {
    env: 'LINEWORKS_BOT_NAME',
    schema: anyText,
    default: '',
    usedBy: 'ingress',
    doc: {
      en: 'Name of the bot as users write it behind @. LINE WORKS does not tell who is mentioned, so without it no text counts as a mention of the bot.',
      ja: 'トークで @ に続けて書かれるボットの名前。LINE WORKS のイベントにはメンション先の情報がないため、未設定の場合はボットへのメンションを判別できません。',
    },
    example: '受付ボット',
  },
  clientId: {
    env: 'LINEWORKS_CLIENT_ID',
    schema: token,
    usedBy: 'worker',
    doc: {
      en: 'Client ID of the app (LINE WORKS Developer Console, API).',
      ja: 'アプリの Client ID(LINE WORKS Developer Console の「API」)。',
    },
    example: 'client-id',
  },
  clientSecret: {
    env: 'LINEWORKS_CLIENT_SECRET',
    schema: token,
    secret: true,
    usedBy: 'worker',
    doc: {
      en: 'Client Secret of the app (LINE WORKS Developer Console, API).',
      ja: 'アプリの Client Secret(LINE WORKS Developer Console の「API」)。',
    },
  },
  serviceAccount: {
    env: 'LINEWORKS_SERVICE_ACCOUNT',
    schema: token,
    usedBy: 'worker',
    doc: {
      en: 'Service account of the app, of the form xxxxx.serviceaccount@your-domain.',
      ja: 'アプリの Service Account(xxxxx.serviceaccount@ドメイン の形)。',
    },
    example: 'xxxxx.serviceaccount@example.com',
  },
  privateKey: {
    env: 'LINEWORKS_PRIVATE_KEY',
    schema: privateKey,
    secret: true,
    usedBy: 'worker',
    doc: {
      en: 'Private key of the service account: the PEM file downloaded from the Developer Console. Easiest as LINEWORKS_PRIVATE_KEY_FILE; in a variable, line breaks may be written as \\n.',
      ja: 'Service Account の秘密鍵(Developer Console からダウンロードした PEM ファイル)。LINEWORKS_PRIVATE_KEY_FILE でファイルを指すのが簡単です。環境変数に直接書く場合、改行は \\n と書けます。',
    },
  },
  scope: {
    env: 'LINEWORKS_SCOPE',
    schema: words,
    default: 'bot',
    usedBy: 'worker',
    doc: {
      en: 'OAuth scopes to ask for, separated by blanks. They must also be enabled on the app.',
      ja: '要求する OAuth Scope(複数は空白区切り)。アプリ側でも有効にしておく必要があります。',
    },
    example: 'bot',
  },
  limits: {
    env: 'LINEWORKS_RATE_PER_MINUTE',
    schema: limits,
    default: '240',
    usedBy: 'worker',
    doc: {
      en: 'Calls per minute that the plan allows for one API operation: 240, or 60 with the free plan. In the config file: limits: { perMinute: 240 }. Shared by all workers and by all bots whose service accounts are of one domain; what LINE WORKS states in its answers goes before.',
      ja: '契約プランで 1 つの API に許される 1 分あたりの呼び出し回数(通常 240、フリープランは 60)。設定ファイルでは limits: { perMinute: 240 } と書きます。全 worker と、同じドメインの Service Account を使う全ボットで共有します。LINE WORKS の応答に上限が示された場合はそちらを優先します。',
    },
    example: '240',
  },
  ambiguous: {
    env: 'LINEWORKS_AMBIGUOUS',
    schema: oneOf(['resend', 'park']),
    default: 'resend',
    usedBy: 'worker',
    doc: {
      en: 'What becomes of a message that may or may not have arrived, because the call ended without a clear answer: resend (it may be shown twice) or park (a dead letter). LINE WORKS has no way to tell.',
      ja: '応答が得られず、届いたかどうか分からないメッセージの扱い。resend は再送(二重に表示されることがあります)、park はデッドレターとして保管します。LINE WORKS では到達を確認する手段がありません。',
    },
    example: 'resend',
  },
  menu: menu('LINEWORKS_MENU'),
  timeline: timeline('LINEWORKS_TIMELINE'),
  apiBaseUrl: {
    env: 'LINEWORKS_API_BASE_URL',
    schema: baseUrl,
    default: 'https://www.worksapis.com/v1.0',
    usedBy: 'worker',
    everyBot: true,
    doc: {
      en: 'Base URL of the LINE WORKS API. Change it only to reach an emulator, a proxy or another region.',
      ja: 'LINE WORKS API のベース URL。エミュレーターやプロキシー、別リージョンを使う場合だけ変更します。',
    },
    example: 'https://www.worksapis.com/v1.0',
  },
  authBaseUrl: {
    env: 'LINEWORKS_AUTH_BASE_URL',
    schema: baseUrl,
    default: 'https://auth.worksmobile.com/oauth2/v2.0',
    usedBy: 'worker',
    everyBot: true,
    doc: {
      en: 'Base URL from which access tokens are fetched. Change it only to reach an emulator, a proxy or another region.',
      ja: 'アクセストークンを取得するためのベース URL。エミュレーターやプロキシー、別リージョンを使う場合だけ変更します。',
    },
    example: 'https://auth.worksmobile.com/oauth2/v2.0',
  },
} as const satisfies Record<string, BotSetting>
