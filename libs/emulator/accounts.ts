/** A LINE channel. */
export interface LineAccount {
  channelId: string
  channelSecret: string
  /** A long-lived token, where the bot uses one. */
  channelAccessToken?: string
  /** Public key (PEM) of the assertions for v2.1 and stateless tokens, and its id. */
  assertionPublicKey?: string
  assertionKid?: string
  /** `destination` of the webhooks. */
  botUserId: string
  webhookUrl: string
}

/** A LINE WORKS bot and the app that it belongs to. */
export interface LineworksAccount {
  botId: string
  botSecret: string
  clientId: string
  clientSecret: string
  serviceAccount: string
  /** PEM; the bot signs with the private half. */
  publicKey: string
  domainId: number
  webhookUrl: string
}

/** A Tocaro bot. */
export interface TocaroAccount {
  signingSecret: string
  accessToken?: string
  /** Last part of the inbound webhook's address. Its posts land in the default group. */
  hookKey?: string
  /** User code of the bot. */
  botUser: string
  webhookUrl: string
}

/** The accounts that an emulator plays. A platform without one answers 404. */
export interface Accounts {
  line?: LineAccount
  lineworks?: LineworksAccount
  tocaro?: TocaroAccount
}

/** What the phones call the bot. */
export const emulatedBotName = 'Emulated bot'

/** The group that `say` uses where none is named, and that Tocaro's inbound webhook posts into. */
export const defaultTocaroGroup = 'gremulator'
