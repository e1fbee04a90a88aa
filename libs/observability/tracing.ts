import { hostname } from 'node:os'
import { DiagLogLevel, type DiagLogger, diag } from '@opentelemetry/api'
import type { Logger } from './logger'
import { turnSpansOn } from './spans'
import { version } from './version'

/** Where spans go, by the standard variables of OpenTelemetry. */
export interface TracingSettings {
  otlpEndpoint: string | undefined
  otlpTracesEndpoint: string | undefined
  otlpHeaders: Record<string, string> | undefined
  otlpTracesHeaders: Record<string, string> | undefined
  otelServiceName: string | undefined
  otelDisabled: boolean
}

export interface Tracing {
  /** Sends what is left, but waits no longer than a few seconds for a collector that does not answer. */
  close(): Promise<void>
}

const closeAtMostMs = 3000

/**
 * Turns spans on where an OTLP endpoint is set. Else the SDK is not even loaded. Sampler, batches and the rest of
 * the standard variables are read by the SDK itself.
 */
export async function startTracing(role: string, settings: TracingSettings, log: Logger): Promise<Tracing> {
  const url = tracesUrl(settings)
  if (url === undefined) return { close: async () => undefined }
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/resources'),
  ])
  diag.setLogger(diagLogger(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  const own = resources.resourceFromAttributes({
    'service.name': settings.otelServiceName ?? `hookline-${role}`,
    'service.version': version(),
    'host.name': hostname(),
    'process.pid': process.pid,
  })
  const provider = new NodeTracerProvider({
    resource: own.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ url, headers: { ...settings.otlpHeaders, ...settings.otlpTracesHeaders } }),
      ),
    ],
  })
  provider.register()
  turnSpansOn()
  return { close: () => withinTime(provider.shutdown()) }
}

/** The general endpoint gets the path of the signal, the one for traces is taken as it is. */
function tracesUrl({ otelDisabled, otlpEndpoint, otlpTracesEndpoint }: TracingSettings): string | undefined {
  if (otelDisabled) return undefined
  return otlpTracesEndpoint ?? (otlpEndpoint === undefined ? undefined : `${otlpEndpoint}/v1/traces`)
}

async function withinTime(end: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeAtMostMs)))
  // What went wrong is in the log already.
  await Promise.race([end.catch(() => undefined), late])
  clearTimeout(timer)
}

const sameMs = 60_000

/** What the SDK has to say, once a minute at most: a collector that is away is no flood of lines. */
function diagLogger(log: Logger): DiagLogger {
  let last = -Infinity
  const warn = (text: string) => {
    const now = performance.now()
    if (now - last < sameMs) return
    last = now
    log.warn({ error: wordsOf(text) }, 'traces: OpenTelemetry has a problem; nothing else is affected')
  }
  const nothing = () => undefined
  return { error: warn, warn, info: nothing, debug: nothing, verbose: nothing }
}

/** The SDK turns an error into JSON with its stack. */
function wordsOf(text: string): string {
  return (/"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text).slice(0, 300)
}
