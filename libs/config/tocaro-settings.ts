import {
  anyText,
  baseUrl,
  hookUrls,
  limits,
  list,
  oneOf,
  postPath,
  secretList,
  token,
  wholeNumber,
} from './kinds'
import { handler } from './handler-setting'
import type { BotSetting } from './setting'
import { timeline } from './timeline-setting'

/** Settings of a Tocaro bot. */
export const tocaroSettings = {
  handler,
  signingSecret: {
    env: 'TOCARO_SIGNING_SECRET',
    schema: secretList,
    secret: true,
    usedBy: 'ingress',
    doc: {
      en: 'Signing Secret that Tocaro issued for the Event API. The ingress accepts events whose token is one of these; several during a rotation, and the API token too if your events carry that one.',
      ja: 'Event API 用に Tocaro が発行した Signing Secret。ingress は、イベントの token がここにあるものと一致する場合だけ受け付けます。切り替え中は複数指定でき、イベントに API トークンが入る環境ではそれも加えます。',
    },
  },
  accessToken: {
    env: 'TOCARO_ACCESS_TOKEN',
    schema: token,
    secret: true,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Access token of the Tocaro Web API, with the write scope. Preferred over the inbound webhook: it can post to every group of the bot.',
      ja: 'Tocaro Web API のアクセストークン(write スコープが必要)。ボットが参加するすべてのグループに投稿できるため、受信 Webhook よりこちらを推奨します。',
    },
  },
  webhookUrl: {
    env: 'TOCARO_WEBHOOK_URL',
    schema: hookUrls,
    secret: true,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'URL of a Tocaro inbound webhook, used when there is no access token. One URL posts into one group; in the config file this may also be a map from group code to URL.',
      ja: 'Tocaro の受信 Webhook の URL。アクセストークンがない場合に使います。1 つの URL で投稿できるグループは 1 つです。設定ファイルでは「グループコード: URL」の対応表も書けます。',
    },
  },
  botUser: {
    env: 'TOCARO_BOT_USER',
    schema: list,
    default: '',
    usedBy: 'both',
    ifEmpty: "the bot can't tell its own posts from others and may answer itself. Give the bot's user code.",
    doc: {
      en: "User codes of the bot itself, so that it does not answer its own posts. Tocaro's events carry no bot mark. Several are separated by commas.",
      ja: 'ボット自身のユーザーコード(複数はカンマ区切り)。自分の投稿に返答し続けるのを防ぎます(Tocaro のイベントにはボットの印がありません)。',
    },
    example: 'usmybot01',
  },
  botName: {
    env: 'TOCARO_BOT_NAME',
    schema: anyText,
    default: '',
    usedBy: 'ingress',
    doc: {
      en: 'Display name of the bot. Tocaro writes a mention into the text as "@NAME: "; with the name, commands and texts behind it are understood.',
      ja: 'ボットの表示名。Tocaro ではメンションが本文に「@表示名: 」として入ります。設定すると、その後ろに続くコマンドや発言を認識できます。',
    },
    example: 'Deploy Bot',
  },
  limits: {
    env: 'TOCARO_RATE_PER_MINUTE',
    schema: limits,
    default: '60',
    usedBy: 'worker',
    doc: {
      en: 'Posts per minute through one access token or one inbound webhook, up to five of them at once. In the config file: limits: { perMinute: 60 }. Tocaro states no figure; the default is a cautious assumption.',
      ja: '1 つのアクセストークンまたは受信 Webhook で 1 分間に投稿する件数(一度に続けて送るのは 5 件まで)。設定ファイルでは limits: { perMinute: 60 } と書きます。Tocaro は上限を公開していないため、控えめな推定値です。',
    },
    example: '60',
  },
  muteAfter: {
    env: 'TOCARO_MUTE_AFTER',
    schema: wholeNumber({ min: 0, max: 1000 }),
    default: '5',
    usedBy: 'worker',
    doc: {
      en: 'Guard against two bots (or a bot and itself) answering each other for ever: after more than this many replies in 10 seconds in one group, each to something said after the reply before, the group waits for a minute. 0 turns it off.',
      ja: 'ボット同士(または自分自身)が延々と返答し合うのを防ぐ設定。直前の返答の後に来た発言への返答が、同じグループで 10 秒間にこの回数を超えると、そのグループへの返答を 1 分間止めます。0 で無効になります。',
    },
    example: '5',
  },
  ambiguous: {
    env: 'TOCARO_AMBIGUOUS',
    schema: oneOf(['resend', 'park']),
    default: 'resend',
    usedBy: 'worker',
    doc: {
      en: 'What becomes of a message that may or may not have arrived, because the call ended without a clear answer: resend (it may be shown twice) or park (a dead letter). Tocaro has no way to tell.',
      ja: '応答が得られず、届いたかどうか分からないメッセージの扱い。resend は再送(二重に表示されることがあります)、park はデッドレターとして保管します。Tocaro では到達を確認する手段がありません。',
    },
    example: 'resend',
  },
  timeline: timeline('TOCARO_TIMELINE'),
  apiBaseUrl: {
    env: 'TOCARO_API_BASE_URL',
    schema: baseUrl,
    default: 'https://api.tocaro.im',
    usedBy: 'worker',
    everyBot: true,
    doc: {
      en: 'Base URL of the Tocaro Web API. Change it only to reach an emulator or a proxy.',
      ja: 'Tocaro Web API のベース URL。エミュレーターやプロキシーを使う場合だけ変更します。',
    },
    example: 'https://api.tocaro.im',
  },
  postPath: {
    env: 'TOCARO_POST_PATH',
    schema: postPath,
    default: '/groups/{group}/messages',
    usedBy: 'worker',
    doc: {
      en: 'Path below the base URL that posts a message; {group} stands for the group code. The default is an assumption: confirm it with one post by hand before production.',
      ja: 'メッセージ投稿 API のパス。{group} がグループコードに置き換わります。既定値は推定のため、本番利用の前に手動で 1 件投稿して確認してください。',
    },
    example: '/groups/{group}/messages',
  },
} as const satisfies Record<string, BotSetting>

/** Each entry alone is enough to post. */
export const tocaroCredentials: (keyof typeof tocaroSettings)[][] = [['accessToken'], ['webhookUrl']]
