import { filePath } from './kinds'
import type { BotSetting } from './setting'

/** The bot file; the same row on every platform. */
export const handler = {
  env: 'HOOKLINE_BOT',
  schema: filePath,
  default: './bots/echo.ts',
  path: true,
  usedBy: 'worker',
  everyBot: true,
  doc: {
    en: 'The bot file, which says what the bot does. In the config file a relative path starts at the folder of the config file.',
    ja: 'ボットの動作を書いたファイル。設定ファイルに相対パスを書いた場合は、設定ファイルのあるフォルダーが起点になります。',
  },
  example: './bots/echo.ts',
} as const satisfies BotSetting
