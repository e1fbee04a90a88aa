import type { PlatformName } from '#libs/contract'
import { lineCredentials, lineSettings } from './line-settings'
import { lineworksSettings } from './lineworks-settings'
import type { BotSetting } from './setting'
import { tocaroCredentials, tocaroSettings } from './tocaro-settings'

export interface PlatformSettings {
  title: string
  settings: Record<string, BotSetting>
  /** Ways to complete a bot of the worker: sets of optional settings, any one of which is enough. */
  credentials: string[][]
}

/** The settings tables of the three platforms. */
export const platforms = {
  line: { title: 'LINE', settings: lineSettings, credentials: lineCredentials },
  lineworks: { title: 'LINE WORKS', settings: lineworksSettings, credentials: [] },
  tocaro: { title: 'Tocaro', settings: tocaroSettings, credentials: tocaroCredentials },
} satisfies Record<PlatformName, PlatformSettings>

export const platformNames = Object.keys(platforms) as PlatformName[]

/** A platform's rows, without their single types: for code that walks over them. */
export function settingsOf(platform: PlatformName): [key: string, setting: BotSetting][] {
  return Object.entries<BotSetting>(platforms[platform].settings)
}
