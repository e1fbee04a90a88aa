export { lineIssuer, statelessAssertionIssuer } from './line-issuer'
export { lineWorksIssuer } from './lineworks-issuer'
export type { Issuer } from './issuer'
export { mint } from './mint'
export { createTokenSource } from './token-source'
export type {
  LineTokenSettings,
  LineWorksTokenSettings,
  TocaroTokenSettings,
  TokenDeps,
  TokenLog,
  TokenRedis,
  TokenSettings,
} from './token-settings'
