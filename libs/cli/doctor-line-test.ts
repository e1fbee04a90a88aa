import { type Fault, type Finding, ok, problem, type Subject } from './doctor-finding'

/** Turns the answer of `POST /v2/bot/channel/webhook/test` into words [doc R#test-webhook-endpoint]. */
export function testFinding(
  subject: Subject,
  { success, reason, detail, statusCode }: Record<string, unknown>,
  bot: { name: string },
): Finding {
  if (success === true) return ok(subject, 'LINE reached the endpoint and got 200')
  const said = `${String(reason)} (${String(detail)})`
  return problem(subject, faultOf(String(reason), { said, status: Number(statusCode), bot }))
}

interface Answer {
  said: string
  status: number
  bot: { name: string }
}

const lost = 'LINE can not deliver events.'

function faultOf(reason: string, { said, status, bot }: Answer): Fault {
  if (reason === 'COULD_NOT_CONNECT')
    return {
      found: `LINE can not reach the endpoint: ${said}`,
      why: lost,
      remedy: /tls|ssl|handshake/i.test(said)
        ? 'Mend the certificate: from a public authority, with its whole chain, TLS 1.2 or 1.3 (see Certificate)'
        : /host|dns/i.test(said)
          ? 'Correct the host name of the webhook URL, or its DNS record'
          : 'Open port 443 from the internet (LINE publishes no addresses to allow), start proxy and ingress',
    }
  if (reason === 'REQUEST_TIMEOUT')
    return {
      found: `the endpoint does not answer within 2 s: ${said}`,
      why: 'LINE counts it as a failure and may redeliver.',
      remedy:
        'See what is slow: curl -w "%{time_total}\\n" https://YOUR-HOST/healthz; then proxy, ingress, Redis',
    }
  if (reason === 'ERROR_STATUS_CODE') return statusFault({ said, status, bot })
  return {
    found: `the connection ended unexpectedly: ${said}`,
    why: lost,
    remedy:
      "Look into the proxy's error log at this minute, and whether the ingress restarts: docker compose ps",
  }
}

function statusFault({ said, status, bot }: Answer): Fault {
  if (status === 401)
    return {
      found: `the ingress refuses LINE's signature (401): wrong channel secret there, or no bot "${bot.name}": ${said}`,
      why: 'Every event of LINE is refused the same way.',
      remedy:
        'LINE Developers Console → Basic settings → Channel secret: copy it into the LINE_CHANNEL_SECRET of the ingress and restart it; the URL must end in /webhooks/' +
        bot.name,
    }
  if (status === 404 || status === 405 || (status >= 300 && status < 400))
    return {
      found: `wrong path or a redirect: ${said}`,
      why: lost,
      remedy: `LINE Developers Console → Messaging API settings → Webhook URL: end it in /webhooks/${bot.name}; the proxy passes it on unchanged`,
    }
  if (status === 503)
    return {
      found: `the ingress can store nothing (503): ${said}`,
      why: 'Neither Redis nor the journal takes events.',
      remedy: 'Mend Redis or the journal (see there); look: curl http://127.0.0.1:3000/readyz',
    }
  return {
    found: `the endpoint answers with an error: ${said}`,
    why: lost,
    remedy: 'See what answers there (502, 504: the proxy does not reach the ingress) and start the ingress',
  }
}
