import { menuSource } from './kinds'
import type { BotSetting } from './setting'

/** The bot's menus; the same row on LINE and LINE WORKS. */
export function menu<const Env extends string>(env: Env) {
  return {
    env,
    schema: menuSource,
    path: true,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'Menu file (YAML) that `hookline menu` brings to the platform. In the config file the menus may also stand here themselves, and a relative path starts at the folder of the config file.',
      ja: '`hookline menu` がプラットフォームに登録するメニューのファイル(YAML)。設定ファイルでは、メニューの内容をここに直接書くこともできます。相対パスは設定ファイルのあるフォルダーが起点になります。',
    },
    example: './menus/shop.yaml',
  } as const satisfies BotSetting
}
