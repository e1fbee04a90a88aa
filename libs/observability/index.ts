export type { Backlog, BacklogSource } from './backlog-gauges'
export { createLogger, knownFields } from './logger'
export type { Logger, LoggerOptions } from './logger'
export { bucketBounds, createMetrics } from './metrics'
export type { Metrics } from './metrics'
export {
  SpanKind,
  codeOf,
  failSpan,
  inSpan,
  outsideSpans,
  spansAreOn,
  startSpan,
  traceIdOf,
  traceparentOf,
} from './spans'
export type { Span, SpanOptions } from './spans'
export { startIngressAtZero, startWorkerAtZero } from './start-at-zero'
export { statusRoutes } from './status-routes'
export type { ReadinessCheck, StatusOptions } from './status-routes'
export { startTracing } from './tracing'
export type { Tracing, TracingSettings } from './tracing'
export { version } from './version'
