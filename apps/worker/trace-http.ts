import type { Http, HttpRequest } from '#libs/http'
import { SpanKind, failSpan, inSpan, spansAreOn } from '#libs/observability'

/** One CLIENT span per request. Without the URL: a Tocaro webhook's is a secret, others name users. */
export function traceHttp(http: Http): Http {
  if (!spansAreOn()) return http
  return (request) => {
    const { method, template } = request
    const name = template === undefined ? method : `${method} ${template}`
    return inSpan(name, { kind: SpanKind.CLIENT, attributes: attributesOf(request) }, async (span) => {
      const response = await http(request)
      span.setAttribute('http.response.status_code', response.status)
      if (response.status >= 400) failSpan(span, String(response.status))
      return response
    })
  }
}

function attributesOf({ method, url, template }: HttpRequest) {
  return {
    'http.request.method': method,
    ...serverOf(url),
    ...(template === undefined ? {} : { 'url.template': template }),
  }
}

/** What is wrong with a URL is for the request to say. */
function serverOf(url: string) {
  if (!URL.canParse(url)) return {}
  const { hostname, port, protocol } = new URL(url)
  return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) }
}
