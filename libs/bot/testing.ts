export { testBot } from './test-bot'
export type { TestBotOptions, TestChat, TestEvent } from './test-bot'
