import type { DetailedPeerCertificate } from 'node:tls'
import { type SeenCertificate, type TlsTarget, readCertificate } from '#libs/http'
import { type Finding, ok, problem, type Subject, warning } from './doctor-finding'

const subject: Subject = { id: 'certificate', name: 'Certificate' }
/** Tocaro shuts an endpoint off within minutes of an expiry, so the warning comes early. */
const warnDays = 21
const dayMs = 24 * 60 * 60_000

/** Looks at the certificate and the chain that a server sends, as a platform's sender would. */
export async function checkCertificate({ url, ca }: TlsTarget): Promise<Finding> {
  try {
    return judge(await readCertificate({ url, ca }), url)
  } catch (error) {
    return unreachable(url, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}

function judge({ refusal, certificate, protocol }: SeenCertificate, url: URL): Finding {
  const daysLeft = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / dayMs)
  const issuer = nameOf(certificate.issuer)
  const fault = refusal === undefined ? undefined : refusalOf(refusal, { certificate, daysLeft, issuer, url })
  if (fault)
    return problem(subject, {
      ...fault,
      why: 'The platforms send no webhook to a server that they can not trust.',
    })
  if (daysLeft < warnDays)
    return warning(subject, {
      found: `ends in ${daysLeft} days (${day(certificate.valid_to)})`,
      why: 'Every webhook fails from then on; Tocaro then shuts the endpoint off for good.',
      remedy: `Renew it now, e.g. sudo certbot renew, and see why that did not happen by itself`,
    })
  return ok(subject, `good for ${daysLeft} days, by ${issuer}, chain complete, ${protocol}`)
}

interface Judged {
  certificate: DetailedPeerCertificate
  daysLeft: number
  issuer: string
  url: URL
}

/** OpenSSL's codes; Node's own for the name. */
function refusalOf(code: string, { certificate, daysLeft, issuer, url }: Judged) {
  if (daysLeft < 0)
    return {
      found: `the certificate has expired on ${day(certificate.valid_to)}`,
      remedy: 'Renew it, e.g. sudo certbot renew, and reload the proxy: sudo systemctl reload nginx',
    }
  if (Date.parse(certificate.valid_from) > Date.now())
    return {
      found: `the certificate is only good from ${day(certificate.valid_from)}`,
      remedy: 'Wait until then, or set the clock of this machine right: sudo timedatectl set-ntp true',
    }
  if (/ALTNAME/.test(code))
    return {
      found: `the certificate is for ${(certificate.subjectaltname ?? nameOf(certificate.subject)).replace(/DNS:/g, '')}, not for ${url.hostname}`,
      remedy: `Get one for this name, e.g. sudo certbot certonly -d ${url.hostname}, or correct the host name`,
    }
  if (/DEPTH_ZERO_SELF_SIGNED/.test(code))
    return {
      found: 'the certificate is self-signed',
      remedy: `Use one from a public authority, e.g. sudo certbot certonly -d ${url.hostname}`,
    }
  if (/UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER/.test(code))
    return {
      found: `incomplete chain: the server does not send the certificate of ${issuer}`,
      remedy:
        'Let the server send the intermediate certificates too: nginx: ssl_certificate …/fullchain.pem (not cert.pem)',
    }
  if (/CERT_HAS_EXPIRED/.test(code))
    return {
      found: 'a certificate of the chain has expired',
      remedy: 'Replace the intermediate certificates: ssl_certificate …/fullchain.pem of the newest renewal',
    }
  if (/SELF_SIGNED_CERT_IN_CHAIN/.test(code))
    return {
      found: `the certificate is from a private authority (${issuer})`,
      remedy: `Use one from a public authority, e.g. sudo certbot certonly -d ${url.hostname}`,
    }
  return {
    found: `the certificate is refused (${code})`,
    remedy: `See what the server sends: openssl s_client -connect ${url.host} -servername ${url.hostname} -showcerts`,
  }
}

/** What keeps a connection from being made, by Node's and OpenSSL's codes. */
export function connectionFault(url: URL, code: string): { found: string; remedy: string } {
  const { hostname, host } = url
  if (/ENOTFOUND|EAI_AGAIN/.test(code))
    return {
      found: `the host name ${hostname} is not known`,
      remedy: `Add it to your DNS, or correct the webhook URL; look: dig ${hostname}`,
    }
  if (/ECONNREFUSED/.test(code))
    return {
      found: `nothing listens at ${host}`,
      remedy: 'Start the reverse proxy and the ingress, and look at the port in the URL',
    }
  if (/WRONG_VERSION|EPROTO|PACKET_LENGTH|ALERT|SSL/.test(code))
    return {
      found: `no TLS 1.2 or newer is spoken at ${host} (${code})`,
      remedy: 'Let the proxy end TLS on this port: nginx: listen 443 ssl; ssl_protocols TLSv1.2 TLSv1.3;',
    }
  return {
    found: `${host} does not answer (${code})`,
    remedy: 'Open the port in firewall and security group, and see that the proxy runs',
  }
}

function unreachable(url: URL, code: string): Finding {
  return problem(subject, {
    ...connectionFault(url, code),
    why: 'The platform can not deliver webhooks there.',
  })
}

function nameOf(name: DetailedPeerCertificate['issuer'] | undefined): string {
  const first = (value: string | string[] | undefined) => [value].flat()[0]
  return first(name?.CN) ?? first(name?.O) ?? 'an authority without a name'
}

function day(text: string): string {
  return new Date(text).toISOString().slice(0, 10)
}
