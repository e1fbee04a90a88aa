/** One way of asking one token endpoint for one bot's tokens. */
export interface Issuer {
  /** The endpoint in words, for errors. */
  what: string
  url: string
  /** What to check when the endpoint says no. */
  hint: string
  /** The life to assume when the answer states none. */
  fallbackLifetimeSeconds: number
  /** What the token is sealed with on its way through Redis. */
  sealingSecret: Buffer
  /** The form to post; `nowSeconds` is a whole number. */
  form(nowSeconds: number): Promise<Record<string, string>>
}
