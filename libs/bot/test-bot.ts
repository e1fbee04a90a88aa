import { randomUUID } from 'node:crypto'
import type { Conversation, Event, EventBase, Message, PlatformName, Target, TextEvent } from '#libs/contract'
import { checkKeys } from './check-names'
import type { Bot } from './define-bot'
import { readDelay } from './delay'
import { type Choice, choicesIn } from './offered'
import { type WebhookBody, parseWebhook, testSender } from './test-platform'
import { type Answer, type Sent, type TestCall, type TestTimer, TestWorld, keyOf, misuse } from './test-world'

/** Where and when a test begins. */
export interface TestBotOptions {
  /** Default: the only platform of the bot, else `line`. */
  platform?: PlatformName
  /** What `ctx.language()` answers. */
  language?: string
  /** Who speaks. Default `test-user`. */
  user?: string
  /** Where. Default: one-to-one with the user; on Tocaro, which has groups only, the group `test-group`. */
  conversation?: Conversation
  /** What the clock of the test says at first: a date, its text, or Unix milliseconds. Default: now. */
  now?: Date | string | number
  /** Name of the bot, for mentions in recorded webhooks: as in `LINEWORKS_BOT_NAME`, `TOCARO_BOT_NAME`. */
  botName?: string
  /** The other bots of the configuration, for `ctx.pushVia`: `{ staff: 'lineworks' }`. */
  bots?: Record<string, PlatformName>
}

type Distribute<E> = E extends Event ? Pick<E, Exclude<keyof E, keyof EventBase>> & Partial<EventBase> : never
/** An event with only the fields that matter to the test. */
export type TestEvent = Distribute<Event>

/** What may be said about a text beside its words. */
export type TestText = Partial<Omit<TextEvent, 'type' | 'text'>> & {
  /** Who says it, in place of the chat's user. */
  as?: string
  /** Where it is said, in place of the chat's conversation. */
  in?: Conversation
}

/** What a user can send beside texts. */
export type TestContent = 'image' | 'video' | 'audio' | 'file' | 'location' | 'sticker'

export interface TestPush {
  message: string | Message
  /** Undefined: to the conversation of the event. */
  to: Target | undefined
  /** The other bot that says it, where it was `ctx.pushVia`. */
  via?: string
}

/** A conversation with a bot, without server, Redis or platform. All that can fail rejects. */
export interface TestChat<S = unknown> {
  /** What the bot replied, oldest first: texts as strings, other messages as they are. */
  readonly replies: (string | Message)[]
  /** What the bot pushed, and had other bots push. */
  readonly pushes: TestPush[]
  /** All that left the bot, replies and pushes, as the platform gets it: its own message objects. */
  readonly sent: Record<string, unknown>[]
  /** The calls of the platform's API that handlers made. */
  readonly calls: TestCall[]
  /** The timers that are set and not yet due, the earliest first. */
  readonly timers: TestTimer[]
  /** What this conversation remembers. */
  readonly session: S
  /** What the messages so far offer to tap, the newest first: labels. */
  readonly offered: string[]
  /** The clock of the test: Unix milliseconds. */
  readonly now: number

  /** The user sends a text. Rejects with what the handler throws. */
  says(text: string, more?: TestText): Promise<void>
  /** Any event happens: `chat.receives({ type: 'follow' })`. */
  receives(event: TestEvent): Promise<void>
  /** The user sends a picture, a file, a place: `chat.sends('image')`. What is not given is made up. */
  sends(type: TestContent, more?: Partial<Extract<TestEvent, { type: TestContent }>>): Promise<void>
  /**
   * The user taps a button or a quick reply of a message so far, the newest that has this label. It comes as the
   * platform delivers it: as a postback on LINE, as a text with data on LINE WORKS, as a text on Tocaro.
   */
  taps(label: string): Promise<void>
  /** The bot is added to the group. */
  joins(): Promise<void>
  /** The bot is removed from the group. */
  leaves(): Promise<void>
  /** The user adds the bot as a friend, or unblocks it. */
  follows(): Promise<void>
  /** The user blocks the bot. */
  unfollows(): Promise<void>
  /** A recorded webhook body comes in, through the platform's own parser. */
  receivesWebhook(body: WebhookBody): Promise<void>

  /** The same world with another user: what this one does and sees. One-to-one, or in the chat's group. */
  as(user: string): TestChat<S>
  /** The same world in another conversation. */
  in(conversation: Conversation): TestChat<S>
  /** Lets time go by (`10m`, `2h`, milliseconds): timers and schedules that come due run, the earliest first. */
  passes(time: string | number): Promise<void>
  /**
   * Runs the last event again, as after a crash just before its replies left: what `ctx.once` and `ctx.push` did is
   * not done again, the session is what it was before. After an error it is the next try: `ctx.attempt` is higher.
   */
  repeats(): Promise<void>
  /** Answers calls of the platform's API: `chat.answers('GET /v2/bot/profile/{userId}', { displayName: 'Rin' })`. */
  answers(route: string, answer: Answer): void
}

const optionNames: Record<keyof TestBotOptions, true> = {
  platform: true,
  language: true,
  user: true,
  conversation: true,
  now: true,
  botName: true,
  bots: true,
}

/** Begins a test of a bot: `const chat = testBot(bot); await chat.says('ping')`. */
export function testBot<S>(bot: Bot<S>, options: TestBotOptions = {}): TestChat<S> {
  checkKeys('option of testBot', options, Object.keys(optionNames))
  const platform = options.platform ?? bot.platform ?? 'line'
  if (bot.platform && bot.platform !== platform) {
    throw misuse(`This bot serves ${bot.platform} only, it can't be tested on ${platform}.`)
  }
  const userId = options.user ?? 'test-user'
  const seats = new Set<Seat<unknown>>()
  const world = new TestWorld({
    ...{ bot, platform, language: options.language, now: new Date(options.now ?? Date.now()).getTime() },
    senderOf: testSender,
    bots: new Map(Object.entries(options.bots ?? {})),
    onChange: () => {
      for (const seat of seats) seat.look()
    },
  })
  const home = options.conversation ?? homeOf(platform, userId)
  const shared: Shared = { world, platform, botName: options.botName ?? '', seats }
  return new Seat<S>(shared, { userId, conversation: home })
}

function homeOf(platform: PlatformName, userId: string): Conversation {
  return platform === 'tocaro' ? { kind: 'group', id: 'test-group' } : { kind: 'user', id: userId }
}

interface Shared {
  world: TestWorld
  platform: PlatformName
  botName: string
  seats: Set<Seat<unknown>>
}

interface Place {
  userId: string
  conversation: Conversation
}

/** One user in one conversation. The first one sees all that the bot says; the others see their conversation. */
class Seat<S> implements TestChat<S> {
  readonly replies: TestChat['replies'] = []
  readonly pushes: TestChat['pushes'] = []
  readonly sent: TestChat['sent'] = []

  constructor(
    private readonly shared: Shared,
    private readonly place: Place,
    private readonly seesAll = true,
  ) {
    shared.seats.add(this)
    this.look()
  }

  get calls() {
    return this.shared.world.calls
  }
  get timers() {
    return this.shared.world.timers.filter((timer) => this.seesAll || this.isHere(timer.conversation))
  }
  get session() {
    return this.shared.world.sessionOf(this.place.conversation) as S
  }
  get now() {
    return this.shared.world.now
  }
  get offered() {
    return this.choices()
      .filter(({ type }) => !isLink(type))
      .map(({ label }) => label)
  }

  says(text: string, { as, in: conversation, ...more }: TestText = {}): Promise<void> {
    const there = conversation ? this.in(conversation) : this
    const seat = as === undefined ? there : there.as(as)
    return seat.receives({ type: 'text', text, ...more })
  }

  receives(event: TestEvent): Promise<void> {
    return this.shared.world.handle(complete(event, this.place, this.shared))
  }

  sends(type: TestContent, more: Partial<Extract<TestEvent, { type: TestContent }>> = {}): Promise<void> {
    return this.receives({ ...madeUp[type], ...more } as TestEvent)
  }

  async taps(label: string): Promise<void> {
    const choice = this.choices().find((each) => each.label === label)
    if (choice) return this.receives(eventOf(choice, this.shared.platform))
    const { offered } = this
    const there = offered.length > 0 ? `There are: ${offered.join(', ')}.` : 'Nothing is offered.'
    throw misuse(`No message offers "${label}" to tap. ${there}`)
  }

  joins = () => this.receives({ type: 'join' })
  leaves = () => this.receives({ type: 'leave' })
  follows = () => this.receives({ type: 'follow' })
  unfollows = () => this.receives({ type: 'unfollow' })

  async receivesWebhook(body: WebhookBody): Promise<void> {
    for (const event of parseWebhook(body, { ...this.shared, receivedAt: this.now })) {
      await this.shared.world.handle(event)
    }
  }

  as(userId: string): TestChat<S> {
    const { conversation } = this.place
    const isOneToOne = conversation.kind === 'user'
    return this.seat({ userId, conversation: isOneToOne ? { kind: 'user', id: userId } : conversation })
  }

  in(conversation: Conversation): TestChat<S> {
    return this.seat({ ...this.place, conversation })
  }

  async passes(time: string | number): Promise<void> {
    await this.shared.world.pass(typeof time === 'number' ? time : readDelay(time, 'The time of chat.passes'))
  }

  repeats(): Promise<void> {
    return this.shared.world.repeat()
  }

  answers(route: string, answer: Answer): void {
    this.shared.world.answer(route, answer)
  }

  /** Shows what left the bot so far. The arrays stay the same, so that a test may keep them. */
  look(): void {
    const seen = this.shared.world.sent.filter((sent) => this.seesAll || this.isHere(placeOf(sent)))
    fill(
      this.replies,
      seen.filter(({ kind }) => kind === 'reply').map(({ message }) => plain(message)),
    )
    const pushes = seen.filter(({ kind }) => kind === 'push')
    fill(
      this.pushes,
      pushes.map(({ message, to, via }) => ({
        ...{ message: plain(message), to },
        ...(via === undefined ? {} : { via }),
      })),
    )
    fill(
      this.sent,
      seen.flatMap(({ rendered }) => rendered),
    )
  }

  private seat(place: Place): Seat<S> {
    const known = [...this.shared.seats].find(
      (seat) => !seat.seesAll && seat.place.userId === place.userId && seat.isHere(place.conversation),
    )
    return (known as Seat<S> | undefined) ?? new Seat<S>(this.shared, place, false)
  }

  private isHere(conversation: Conversation | Target): boolean {
    return keyOf(conversation) === keyOf(this.place.conversation)
  }

  private choices(): Choice[] {
    const { world, platform } = this.shared
    return world.sent
      .filter((sent) => this.isHere(placeOf(sent)))
      .toReversed()
      .flatMap((sent) => choicesIn(sent, platform))
  }
}

function placeOf({ to, from }: Sent): Conversation | Target {
  return to ?? from
}

function fill<T>(array: T[], content: T[]): void {
  array.splice(0, Infinity, ...content)
}

const madeUp: Record<TestContent, TestEvent> = {
  image: { type: 'image', contentId: 'test-content' },
  video: { type: 'video', contentId: 'test-content' },
  audio: { type: 'audio', contentId: 'test-content' },
  file: { type: 'file', contentId: 'test-content', fileName: 'test.pdf' },
  location: { type: 'location', latitude: 35.681, longitude: 139.767 },
  sticker: { type: 'sticker', packageId: '1', stickerId: '1' },
}

/** A link opens a page and says nothing to the bot. */
function isLink(type: string): boolean {
  return type === 'link' || type === 'uri'
}

/** What the tap of a choice becomes. */
function eventOf(choice: Choice, platform: PlatformName): TestEvent {
  const { type, label, data, text = label, postback } = choice
  if (platform === 'tocaro' && !isLink(type)) return { type: 'text', text: label }
  if (type === 'postback' && data !== undefined) return { type: 'postback', data }
  if (type === 'message') return { type: 'text', text, ...(postback === undefined ? {} : { postback }) }
  throw misuse(
    `"${label}" is a choice of the type "${type}": its tap does not say by itself what comes. Use chat.receives(…).`,
  )
}

/** Events for which LINE has no reply token [doc R#webhook-event-objects]. */
const unanswerable = ['unsend', 'unfollow', 'leave', 'memberLeft', 'timer']

function complete(event: TestEvent, { userId, conversation }: Place, { world, platform }: Shared): Event {
  const replyToken = { token: 'test-reply-token', expiresAt: world.now + 50_000 }
  return {
    ...{ key: randomUUID(), platform, bot: 'test', conversation, userId },
    ...{ occurredAt: world.now, receivedAt: world.now, raw: {} },
    ...(platform === 'line' && !unanswerable.includes(event.type) ? { replyToken } : {}),
    ...event,
  }
}

function plain(message: Message): string | Message {
  return message.type === 'text' && Object.keys(message).length === 2 ? message.text : message
}
