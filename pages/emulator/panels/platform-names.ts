import type { PlatformName } from '#libs/contract'

/** As they write themselves, in every language. */
export const platformNames: Record<PlatformName, string> = {
  line: 'LINE',
  lineworks: 'LINE WORKS',
  tocaro: 'Tocaro',
}
