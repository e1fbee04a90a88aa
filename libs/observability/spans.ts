import {
  type Attributes,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  context,
  isSpanContextValid,
  propagation,
  trace,
} from '@opentelemetry/api'
import { HooklineError } from '#libs/contract'

export { SpanKind }
export type { Span }

/*
 * Spans by the OpenTelemetry API. What is active is kept by the API itself, so that the instrumented calls of a bot's
 * author join without knowing of this.
 */
const tracer = trace.getTracer('hookline')
const noSpan = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/** The API does nothing without an SDK, but takes 1.7 µs per span for it: the ingress has two per webhook. */
let isOn = false

/** For `startTracing`. */
export function turnSpansOn(): void {
  isOn = true
}

/** Known from the start of a process, and the same to its end. */
export function spansAreOn(): boolean {
  return isOn
}

export interface SpanOptions {
  kind?: SpanKind
  /** Nothing that a user said, no token, no URL: a Tocaro webhook's URL is a secret. */
  attributes?: Attributes
  /** Trace context of another process; '' begins a trace. Left out: the parent is what is active. */
  parent?: string | undefined
  /** Errors that are no failure of the span. */
  isNoFailure?: (error: unknown) => boolean
}

/** Runs the work within a span, which ends with it. */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  if (!isOn) return work(noSpan)
  const { kind, attributes, parent, isNoFailure } = options
  const spanOptions = { ...(kind === undefined ? {} : { kind }), ...(attributes ? { attributes } : {}) }
  return tracer.startActiveSpan(name, spanOptions, contextOf(parent), async (span) => {
    try {
      return await work(span)
    } catch (error) {
      if (!isNoFailure?.(error)) failSpan(span, codeOf(error))
      throw error
    } finally {
      span.end()
    }
  })
}

/** A span that the caller ends, for what lies between is not one function. */
export function startSpan(
  name: string,
  { kind, attributes }: Pick<SpanOptions, 'kind' | 'attributes'>,
): Span {
  if (!isOn) return noSpan
  return tracer.startSpan(name, {
    ...(kind === undefined ? {} : { kind }),
    ...(attributes ? { attributes } : {}),
  })
}

/** Work that belongs to nobody who happens to be active. */
export function outsideSpans<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, work)
}

/** A stable word, never the text of an error: it may quote what a user said. */
export function failSpan(span: Span, code: string): void {
  span.setAttribute('error.type', code)
  span.setStatus({ code: SpanStatusCode.ERROR, message: code })
}

export function codeOf(error: unknown): string {
  if (error instanceof HooklineError) return error.code
  return error instanceof Error ? error.constructor.name : 'error'
}

/** W3C trace context, to travel with an item; undefined where traces are off. */
export function traceparentOf(span: Span): string | undefined {
  if (!isOn || !isSpanContextValid(span.spanContext())) return undefined
  const carrier: { traceparent?: string } = {}
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier)
  return carrier.traceparent
}

/** For log lines; undefined where nobody will find a trace by it. */
export function traceIdOf(span: Span): string | undefined {
  return span.isRecording() ? span.spanContext().traceId : undefined
}

function contextOf(parent: string | undefined) {
  if (parent === undefined) return context.active()
  return parent === '' ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent: parent })
}
