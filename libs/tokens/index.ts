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
