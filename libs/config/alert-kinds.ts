import { parseBusinessHours } from './business-hours'
import { checked } from './kinds'

/** An address to post to; it may hold a secret anywhere. */
export const postUrl = checked((url) =>
  /^https?:\/\/\S+$/.test(url) && URL.canParse(url)
    ? undefined
    : 'must be a URL that starts with http:// or https://',
)

export const smtpUrl = checked((url) =>
  /^smtps?:\/\/\S+$/.test(url) && URL.canParse(url) && new URL(url).hostname !== ''
    ? undefined
    : 'must be a URL such as smtps://USER:PASSWORD@HOST:465 or smtp://HOST:587',
)

const address = /^[^\s@,<>]+@[^\s@,<>]+$/

export const emailAddress = checked((text) => (address.test(text) ? undefined : 'must be one e-mail address'))

export const emailAddresses = checked((text) =>
  text.split(',').every((one) => address.test(one.trim()))
    ? undefined
    : 'must be e-mail addresses, separated by commas',
)

export const room = checked((text) =>
  /^[a-z0-9-]{1,40}:(user|channel|group|room):\S{1,200}$/.test(text)
    ? undefined
    : 'must be BOT:user:ID, BOT:group:ID, BOT:room:ID or BOT:channel:ID',
)

export const businessHours = checked((text) =>
  parseBusinessHours(text) ? undefined : 'must look like "Mon-Fri 09:00-18:00" (several separated by commas)',
)

export const timeZone = checked((name) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return undefined
  } catch {
    return 'must be the name of a time zone, such as Asia/Tokyo or UTC'
  }
})
