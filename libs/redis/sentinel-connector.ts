import { type SentinelConnectionOptions, SentinelConnector } from 'ioredis'

/**
 * ioredis listens to Sentinels for failovers with what it set up at the last connect, and goes on listening while it
 * connects anew. Told then, it gives that attempt up for good: status `end`, and never another attempt. Who connects
 * asks the Sentinels anyway, so what is told to the connection before does not matter any more.
 */
export class FreshSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions)
  }

  override connect(
    ...args: Parameters<SentinelConnector['connect']>
  ): ReturnType<SentinelConnector['connect']> {
    const { failoverDetector } = this as unknown as { failoverDetector: { cleanup(): void } | null }
    failoverDetector?.cleanup()
    return super.connect(...args)
  }
}
