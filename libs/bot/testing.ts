/**
 * What bot authors import as `hookline/testing`.
 *
 * @module hookline/testing
 */
export { testBot } from './test-bot'
export type { TestBotOptions, TestChat, TestContent, TestEvent, TestPush, TestText } from './test-bot'
export { matchers } from './matchers'
export type { BotMatchers, Expected, MatcherResult } from './matchers'
export type { Answer, TestCall, TestTimer } from './test-world'
export type { WebhookBody } from './test-platform'
