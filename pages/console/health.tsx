import type { HealthView, ProcessView } from '../../apps/console/api-types'
import { bytes, count, duration } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge } from '../shared/parts'
import { Ago, Fact, Id, Loading, Meter, PageHead } from './bits'
import { useData } from './use-data'
import { common } from './words'

const words = {
  redis: ['Redis', 'Redis'],
  ok: ['Works', '正常'],
  notOk: ['Can’t be used', '使用不可'],
  latency: ['Latency', '遅延'],
  memory: ['Memory', 'メモリー'],
  version: ['Version', 'バージョン'],
  role: ['Role', '役割'],
  policy: ['When full', '満杯時の動作'],
  persistence: ['Persistence', '永続化'],
  clients: ['Clients', '接続数'],
  keys: ['Keys', 'キー数'],
  up: ['Up for', '連続稼働'],
  processes: ['Processes', 'プロセス'],
  none: [
    'No running process was found. Start an ingress and a worker.',
    '動作中のプロセスが見つかりません。ingress と worker を起動してください。',
  ],
  kind: ['Kind', '種類'],
  host: ['Host', 'ホスト'],
  beat: ['Heartbeat', 'ハートビート'],
  late: ['late', '遅延'],
  lag: ['Loop lag p99', 'イベントループの遅れ p99'],
  journal: ['Journal', 'ジャーナル'],
  journalEvents: ['{n} {n|event|events}', '{n} 件'],
  bots: ['Bots', 'ボット'],
  differ: [
    'More than one version runs: {list}. That is fine during an update; else restart the older ones.',
    '複数のバージョンが動いています: {list}。更新中でなければ、古いものを再起動してください。',
  ],
} as const

export function HealthPage() {
  const t = useWords(words)
  const c = useWords(common)
  const health = useData<HealthView>('/health', 5000)
  return (
    <>
      <PageHead title={c('health')} />
      <Loading of={health}>
        {({ redis, processes }) => {
          const versions = [...new Set(processes.map(({ version }) => version))]
          return (
            <>
              <section>
                <h2>{t('redis')}</h2>
                <div class="redis-cards">
                  {redis.map((each) => (
                    <RedisCard key={each.name} redis={each} />
                  ))}
                </div>
              </section>
              <section>
                <h2>{t('processes')}</h2>
                {versions.length > 1 && (
                  <p class="notice warn">{t('differ', { list: versions.join(', ') })}</p>
                )}
                {processes.length === 0 ? (
                  <p class="empty card">{t('none')}</p>
                ) : (
                  <ProcessTable processes={processes} />
                )}
              </section>
            </>
          )
        }}
      </Loading>
    </>
  )
}

function RedisCard({ redis }: { redis: HealthView['redis'][number] }) {
  const t = useWords(words)
  const language = useLanguage()
  const { usedBytes, maxBytes } = redis
  const memory = [usedBytes, maxBytes]
    .filter((n) => n !== undefined && n > 0)
    .map((n) => bytes(n ?? 0, language))
  const facts: [string, string | number | undefined | false][] = [
    [t('latency'), redis.latencyMs !== undefined && duration(Math.ceil(redis.latencyMs), language)],
    [t('version'), redis.version],
    [t('role'), redis.role],
    [t('persistence'), redis.persistence],
    [t('policy'), redis.policy],
    [t('clients'), redis.clients !== undefined && count(redis.clients, language)],
    [t('keys'), redis.keys !== undefined && count(redis.keys, language)],
    [t('up'), redis.uptimeMs !== undefined && duration(redis.uptimeMs, language)],
  ]
  return (
    <article class={`card pad ${redis.ok ? '' : 'bad'}`}>
      <h3 class="inline">
        <Id>{redis.name}</Id> <Badge tone={redis.ok ? 'good' : 'bad'}>{t(redis.ok ? 'ok' : 'notOk')}</Badge>
      </h3>
      {redis.words && (
        <p class={redis.ok ? 'warn-text' : 'bad-text'} lang="en">
          {redis.words}
        </p>
      )}
      <dl class="facts">
        {usedBytes !== undefined && (
          <Fact label={t('memory')}>
            {memory.join(' / ')}
            {maxBytes ? (
              <Meter label={`${redis.name}: ${t('memory')}`} value={usedBytes} max={maxBytes} />
            ) : null}
          </Fact>
        )}
        {facts
          .filter(([, value]) => value !== undefined && value !== false)
          .map(([label, value]) => (
            <Fact key={label} label={label}>
              {value}
            </Fact>
          ))}
      </dl>
    </article>
  )
}

function ProcessTable({ processes }: { processes: ProcessView[] }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const sorted = [...processes].sort(
    (a, b) => Number(b.late) - Number(a.late) || a.kind.localeCompare(b.kind),
  )
  return (
    <div class="card scroll">
      <table class="table stacks">
        <caption class="visually-hidden">{t('processes')}</caption>
        <thead>
          <tr>
            {[
              t('kind'),
              t('host'),
              t('version'),
              t('up'),
              t('beat'),
              t('memory'),
              t('lag'),
              t('journal'),
              t('bots'),
            ].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((process) => (
            <tr key={process.id} class={process.late ? 'bad' : ''}>
              <th scope="row" data-label={t('kind')}>
                {process.kind}
              </th>
              <td data-label={t('host')}>
                <Id>{`${process.host}:${process.pid}`}</Id>
              </td>
              <td data-label={t('version')}>{process.version}</td>
              <td data-label={t('up')}>{duration(Date.now() - process.startedAt, language)}</td>
              <td data-label={t('beat')}>
                <span class="inline">
                  <Ago at={process.beatAt} /> {process.late && <Badge tone="bad">{t('late')}</Badge>}
                </span>
              </td>
              <td data-label={t('memory')}>
                {process.memoryBytes === undefined ? '–' : bytes(process.memoryBytes, language)}
              </td>
              <td data-label={t('lag')}>
                {process.loopLagMs === undefined ? '–' : duration(Math.ceil(process.loopLagMs), language)}
              </td>
              <td data-label={t('journal')}>
                {process.journal ? t('journalEvents', { n: count(process.journal.events, language) }) : '–'}
              </td>
              <td data-label={t('bots')} class="text-cell">
                {process.bots.length > 6
                  ? count(process.bots.length, language)
                  : process.bots.join(', ') || c('none')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
