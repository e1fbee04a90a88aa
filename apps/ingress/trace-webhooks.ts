import type { ServerResponse } from 'node:http'
import type { Entry } from '#libs/contract'
import {
  type Span,
  SpanKind,
  codeOf,
  failSpan,
  inSpan,
  spansAreOn,
  startSpan,
  traceparentOf,
} from '#libs/observability'
import type { Stored } from './store-events'

/**
 * A webhook begins a trace. What the sender says about one of its own is ignored: it is a stranger, who could put
 * his requests into any trace and decide which are kept.
 */
export function inWebhookSpan(
  { route, bot, response }: { route: string; bot: string; response: ServerResponse },
  work: (span: Span) => Promise<void>,
): Promise<void> {
  if (!spansAreOn()) return inSpan(route, {}, work)
  const attributes = { 'http.request.method': 'POST', 'http.route': route, 'hookline.bot': bot }
  return inSpan(`POST ${route}`, { kind: SpanKind.SERVER, parent: '', attributes }, async (span) => {
    await work(span)
    endOf(response, span)
  })
}

function endOf({ statusCode, writableEnded }: ServerResponse, span: Span): void {
  if (!writableEnded) return failSpan(span, 'aborted')
  span.setAttribute('http.response.status_code', statusCode)
  if (statusCode >= 500) failSpan(span, String(statusCode))
}

/** One span per event, until it is safe. Their contexts travel with the items. */
export function inStoreSpans(
  events: Entry[],
  store: (traceparents: (string | undefined)[]) => Promise<Stored>,
): Promise<Stored> {
  return spansAreOn() ? storeInSpans(events, store) : store([])
}

const storeInSpans: typeof inStoreSpans = async (events, store) => {
  const spans = events.map((event) => startSpan(`store ${event.bot}`, storeOptions(event)))
  try {
    const stored = await store(spans.map(traceparentOf))
    for (const span of spans) span.setAttribute('hookline.stored', stored)
    return stored
  } catch (error) {
    for (const span of spans) failSpan(span, codeOf(error))
    throw error
  } finally {
    for (const span of spans) span.end()
  }
}

function storeOptions({ bot, platform, type }: Entry) {
  return {
    kind: SpanKind.PRODUCER,
    attributes: {
      'messaging.system': 'hookline',
      'messaging.operation.name': 'store',
      'messaging.operation.type': 'send',
      'messaging.destination.name': bot,
      'hookline.platform': platform,
      'hookline.event_type': type,
    },
  }
}
