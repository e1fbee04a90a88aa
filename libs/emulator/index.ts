export { baseUrlEnv } from '#libs/config'
export { defaultTocaroGroup } from './accounts'
export type { Accounts, LineAccount, LineworksAccount, TocaroAccount } from './accounts'
export { createDevAccounts } from './dev-accounts'
export type { DevAccountsOptions } from './dev-accounts'
export { startEmulator } from './emulator'
export type { Emulator, EmulatorOptions, SayOptions, SendEventOptions } from './emulator'
export type { ApiFaultKind, Fault, FaultRequest, Faults, WebhookFaultKind } from './faults'
export { LedgerTimeoutError } from './ledger'
export type { Ledger, LedgerEntry, MessageFilter } from './ledger'
export type {
  Backstage,
  BackstageState,
  ChatLine,
  Exchange,
  PageState,
  Scenario,
  Stories,
} from './page-types'
export type { RawEvent } from './platform-webhooks'
export { readScenario } from './scenario'
export type { EmulatorSettings, SettingsPatch } from './settings'
export type { Registration } from './tocaro-registration'
export type { Delivery } from './webhook-sender'
