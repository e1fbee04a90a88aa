import { ArrowLeft, Check, Copy, ShieldCheck, ShieldX } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PlatformName } from '#libs/contract'
import type { Exchange, ExchangeRow } from '../../../libs/emulator/page-types'
import { clockTime, duration } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import { Badge, Button, Problem } from '../../shared/parts'
import { usePage } from '../store'
import { copyText } from './copy-text'
import { platformNames } from './platform-names'
import { headerOf, prettyBody } from './pretty-body'
import { requestWords } from './request-words'
import { StatusBadge } from './requests'

interface DetailProps {
  row: ExchangeRow
  onClose: () => void
}

/** One request with all that was said. */
export function ExchangeDetail({ row, onClose }: DetailProps) {
  const t = useWords(requestWords)
  const { exchange, problem } = useExchange(row)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  return (
    <article class="card exchange">
      <header>
        <Button look="quiet" class="exchange-back" onClick={onClose}>
          <ArrowLeft size={16} aria-hidden="true" />
          {t('back')}
        </Button>
        <h3 ref={title} tabIndex={-1}>
          {row.operation}
        </h3>
        <Facts row={row} />
        <code class="exchange-url">
          {row.method} {row.url}
        </code>
      </header>
      {problem && <Problem>{problem}</Problem>}
      {exchange ? <Whole exchange={exchange} /> : !problem && <p class="empty">{t('loading')}</p>}
    </article>
  )
}

function Facts({ row }: { row: ExchangeRow }) {
  const t = useWords(requestWords)
  const language = useLanguage()
  return (
    <p class="exchange-facts">
      <StatusBadge status={row.status} />
      {row.fault && <Badge tone="warn">{t('fault', { name: row.fault })}</Badge>}
      <span>{t(row.direction)}</span>
      <span>{platformNames[row.platform]}</span>
      <span>{clockTime(row.at, language)}</span>
      <span>{duration(row.ms, language)}</span>
    </p>
  )
}

/** Read again when the row changed: then the answer has come. */
function useExchange({ id, seq }: ExchangeRow): { exchange?: Exchange; problem?: string } {
  const { get } = usePage()
  const [found, setFound] = useState<{ exchange?: Exchange; problem?: string }>({})
  useEffect(() => {
    let wanted = true
    get(`exchanges/${encodeURIComponent(id)}`)
      .then((exchange) => wanted && setFound({ exchange: exchange as Exchange }))
      .catch((error: unknown) => {
        if (wanted) setFound({ problem: error instanceof Error ? error.message : String(error) })
      })
    return () => {
      wanted = false
    }
    // `get` is made anew with every state of the page.
  }, [id, seq])
  return found
}

function Whole({ exchange }: { exchange: Exchange }) {
  const t = useWords(requestWords)
  return (
    <>
      {exchange.signature && <Signature signature={exchange.signature} platform={exchange.platform} />}
      <Said title={t('request')} headers={exchange.requestHeaders} body={exchange.requestBody} />
      {exchange.status > 0 && (
        <Said title={t('response')} headers={exchange.responseHeaders} body={exchange.responseBody} />
      )}
      <Curl exchange={exchange} />
    </>
  )
}

interface SignatureProps {
  signature: NonNullable<Exchange['signature']>
  platform: PlatformName
}

function Signature({ signature, platform }: SignatureProps) {
  const t = useWords(requestWords)
  const { header, value, algorithm, over, good } = signature
  const Sign = good ? ShieldCheck : ShieldX
  const secret = t(platform === 'line' ? 'channelSecret' : 'botSecret')
  return (
    <section class="exchange-part">
      <h4>
        {t('signature')}{' '}
        <Badge tone={good ? 'good' : 'bad'}>
          <Sign size={12} aria-hidden="true" />
          {t(good ? 'signatureGood' : 'signatureBad')}
        </Badge>
      </h4>
      <p>{platform === 'tocaro' ? t('sigToken') : t('sigHmac', { secret, header })}</p>
      {!good && <p class="exchange-refused">{t('sigRefused')}</p>}
      <dl class="exchange-list">
        {(
          [
            ['sigWhere', header],
            ['sigValue', value],
            ['sigAlgorithm', algorithm],
            ['sigOver', over],
          ] as const
        ).map(([name, text]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>
              <code>{text}</code>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface SaidProps {
  title: string
  headers: Record<string, string>
  body: string
}

function Said({ title, headers, body }: SaidProps) {
  const t = useWords(requestWords)
  const names = Object.keys(headers)
  return (
    <section class="exchange-part">
      <h4>{title}</h4>
      <details>
        <summary>{t('headers', { n: names.length })}</summary>
        {names.length === 0 ? (
          <p>{t('noHeaders')}</p>
        ) : (
          <dl class="exchange-list">
            {names.map((name) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code>{headers[name]}</code>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </details>
      {body === '' ? (
        <p class="exchange-none">{t('noBody')}</p>
      ) : (
        <pre class="exchange-body" tabIndex={0} role="region" aria-label={`${title}: ${t('body')}`}>
          {prettyBody(body, headerOf(headers, 'content-type'))}
        </pre>
      )}
    </section>
  )
}

function Curl({ exchange: { curl, variables } }: { exchange: Exchange }) {
  const t = useWords(requestWords)
  const [copied, setCopied] = useState<boolean>()
  const copy = () => void copyText(curl).then(setCopied)
  return (
    <section class="exchange-part">
      <h4>{t('curl')}</h4>
      <pre class="exchange-body" tabIndex={0} role="region" aria-label={t('curl')}>
        {curl}
      </pre>
      {variables.length > 0 && (
        <p class="exchange-none">
          {t('variables', { names: variables.map((name) => `$${name}`).join(', ') })}
        </p>
      )}
      <p class="exchange-copy">
        <Button onClick={copy}>
          {copied ? <Check size={16} aria-hidden="true" /> : <Copy size={16} aria-hidden="true" />}
          {t('copyCurl')}
        </Button>
        <span role="status">{copied === undefined ? '' : t(copied ? 'copied' : 'copyFailed')}</span>
      </p>
    </section>
  )
}
