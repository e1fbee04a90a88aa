import type { IngressBot, WorkerBot, WorkerConfig, IngressConfig, EmulatorConfig } from '#libs/config'

type Assignable<A, B> = [A] extends [B] ? true : false
/** Required as well: an optional key that only one side has would go unseen. */
type Equal<A, B> = false extends
  | Assignable<A, B>
  | Assignable<B, A>
  | Assignable<Required<A>, Required<B>>
  | Assignable<Required<B>, Required<A>>
  ? false
  : true
type Lacks<T, K> = K extends keyof T ? false : true

type ExpectedIngressBot =
  | { platform: 'line'; name: string; channelSecret: string[] }
  | { platform: 'lineworks'; name: string; botId: string; botSecret: string[]; botName: string }
  | { platform: 'tocaro'; name: string; signingSecret: string[]; botUser: string[]; botName: string }

interface ExpectedTimeline {
  keep?: 'none' | 'metadata' | 'text' | undefined
  days?: number | undefined
  items?: number | undefined
}

type ExpectedWorkerBot =
  | {
      platform: 'line'
      name: string
      handler: string
      timeline?: ExpectedTimeline
      apiBaseUrl: string
      dataApiBaseUrl: string
      replyFallback: 'push' | 'park'
      menu?: string | Record<string, unknown>
      channelSecret?: string[]
      channelAccessToken?: string
      channelId?: string
      assertionKey?: string
      assertionKid?: string
    }
  | {
      platform: 'lineworks'
      name: string
      handler: string
      timeline?: ExpectedTimeline
      botId: string
      clientId: string
      clientSecret: string
      serviceAccount: string
      privateKey: string
      scope: string
      limits: { perMinute: number }
      ambiguous: 'resend' | 'park'
      menu?: string | Record<string, unknown>
      apiBaseUrl: string
      authBaseUrl: string
    }
  | {
      platform: 'tocaro'
      name: string
      handler: string
      timeline?: ExpectedTimeline
      apiBaseUrl: string
      postPath: string
      accessToken?: string
      webhookUrl?: string | Record<string, string>
      botUser: string[]
      limits: { perMinute: number }
      ambiguous: 'resend' | 'park'
      muteAfter: number
    }

interface ExpectedWorkerSettings {
  redisUrl: string
  redisCa?: string
  host: string
  port: number
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  concurrency: number
  shutdownTimeoutMs: number
  handlerTimeoutMs: number
  retryAttempts: number
  retryMaxAgeMs: number
  timeline: 'none' | 'metadata' | 'text'
  timelineDays: number
  timelineItems: number
  otlpEndpoint: string | undefined
  otlpTracesEndpoint: string | undefined
  otlpHeaders: Record<string, string> | undefined
  otlpTracesHeaders: Record<string, string> | undefined
  otelServiceName: string | undefined
  otelSampler: string
  otelSamplerArg: string | undefined
  otelDisabled: boolean
  role: 'worker'
  bots: WorkerBot[]
  source: string
  warnings: string[]
}

// The compiler is the test: an `Equal` that is false does not take `true`.
const checks: [
  Equal<IngressBot, ExpectedIngressBot>,
  Equal<WorkerBot, ExpectedWorkerBot>,
  Equal<WorkerConfig, ExpectedWorkerSettings>,
  Lacks<IngressConfig, 'concurrency'>,
  Lacks<EmulatorConfig, 'redisUrl'>,
] = [true, true, true, true, true]

test('the types that follow from the tables are the ones that other libraries rely on', () => {
  expect(checks).not.toContain(false)
})
