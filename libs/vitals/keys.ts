/** Which processes live: one hash tag, so that a beat is one script. */
export const processesKey = '{hookline:processes}'
/** Sorted set: every bot that a process has worked for, by when one last did. */
export const botsKey = `${processesKey}:bots`

export const minuteMs = 60_000

/** Hash with a time to live: what was counted for a bot within this minute (since 1970). */
export function minuteKey(bot: string, minute: number): string {
  return `{hookline:${bot}}:minute:${minute}`
}

/** Webhooks that no configured bot could be told for are counted for this name, as in the metrics. */
export const unknownBot = '(unknown)'
