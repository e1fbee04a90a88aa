/**
 * All keys of one bot start with the same hash tag, so that they share a slot on a Redis Cluster and one
 * Lua call may touch all of them: `{hookline:shop}`. BullMQ takes it as the queue's prefix.
 */
export function botPrefix(bot: string): string {
  return `{hookline:${bot}}`
}

/** Name of a lane within its bot, from the conversation: `user:U1`. */
export function laneName(conversation: { kind: string; id: string }): string {
  return `${conversation.kind}:${conversation.id}`
}

/** The keys of one bot's mailbox. */
export function botKeys(bot: string) {
  const prefix = botPrefix(bot)
  return {
    prefix,
    /** List: one lane's items, head first. */
    lane: (lane: string) => `${prefix}:lane:${lane}`,
    /** String with a time to live: this event was stored. Of a push it holds what became of it. */
    seen: (key: string) => `${prefix}:seen:${key}`,
    /** String with a time to live: this message was taken back; the tombstone that takes its place. */
    unsent: (messageId: string) => `${prefix}:unsent:${messageId}`,
    /** Sorted set: lanes that have items, by the time their head was posted. */
    lanes: `${prefix}:lanes`,
    /** Number: items in all lanes. Changed by whatever script changes a lane's length. */
    items: `${prefix}:items`,
    /** Hash: lane → token of the drain that works on it. */
    owners: `${prefix}:owners`,
    /** Hash: lane → how often its head was started without an orderly end. */
    starts: `${prefix}:starts`,
    /** String with a time to live: what a conversation remembers. JSON. */
    memory: (lane: string) => `${prefix}:memory:${lane}`,
    /** Hash with a time to live: name → id of the conversation's timer that counts. */
    timers: (lane: string) => `${prefix}:timers:${lane}`,
    /** Hash: name of a schedule → when a worker last wanted it, in seconds of Redis' clock. */
    schedules: `${prefix}:schedules`,
    /** String with a time to live: a worker has swept just now. */
    sweep: `${prefix}:sweep`,
    /** Hash: what an operator's command can't know from elsewhere: the bot's platform. */
    about: `${prefix}:about`,
    /** Hash: since when the bot is paused, and why. That it is stands in the queue's own settings. */
    pause: `${prefix}:pause`,
    /** Hash: id → dead letter. */
    deadLetters: `${prefix}:dead-letters`,
    /** Sorted set: ids of dead letters by the time they were parked. */
    deadLetterTimes: `${prefix}:dead-letter-times`,
    /** Hash: id → story of an item that has ended. */
    stories: `${prefix}:stories`,
    /** Sorted set: `id lane` of each story by its end. */
    storyTimes: `${prefix}:story-times`,
    /** Sorted set with a time to live: ids of the stories of one conversation by their end. */
    storyOf: (lane: string) => `${prefix}:story-of:${lane}`,
    /** Sorted set: lanes with stories, by the end of the last one. */
    conversations: `${prefix}:conversations`,
  }
}

/** How long what became of a push can be asked for, and its key is remembered: since it was accepted, and since its end. */
export const recordMs = 7 * 24 * 3_600_000
