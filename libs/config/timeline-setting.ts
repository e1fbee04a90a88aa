import { timeline as kind } from './kinds'
import type { BotSetting } from './setting'

/** What the bot keeps of what it has worked on; the same row on every platform. */
export function timeline<const Env extends string>(env: Env) {
  return {
    env,
    schema: kind,
    usedBy: 'worker',
    optional: true,
    doc: {
      en: 'What this bot keeps of events that have ended, in the place of HOOKLINE_TIMELINE: none, metadata or text. In the config file a map with keep, days and items, each of which may be left out.',
      ja: '処理を終えたイベントについてこのボットが残す記録。HOOKLINE_TIMELINE の代わりに、このボットだけの値を none、metadata、text のいずれかで指定します。設定ファイルでは keep、days、items を持つマップで書き、省いたものには全体の設定が使われます。',
    },
    example: 'metadata',
  } as const satisfies BotSetting
}
