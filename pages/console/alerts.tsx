import { BellRing } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { AlertsView, FiringAlert } from '../../apps/console/api-types'
import { clockTime, duration } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Problem } from '../shared/parts'
import { Ago, AlertDetail, Clock, Loading, PageHead } from './bits'
import { useProblemWords } from './problem-words'
import { useDesk } from './session'
import { useData } from './use-data'
import { alertAdvice, alertWords, common } from './words'

const words = {
  firing: ['Firing now', '発生中'],
  quiet: ['No alert is firing.', '発生中のアラートはありません。'],
  rules: ['Rules', 'ルール'],
  rule: ['Rule', 'ルール'],
  on: ['on', 'オン'],
  off: ['off', 'オフ'],
  setting: ['Fires when', '条件'],
  past: ['Past', '過去のアラート'],
  noPast: ['None yet.', '過去のアラートはありません。'],
  lasted: ['Lasted', '継続時間'],
  began: ['Began', '発生日時'],
  what: ['What', '内容'],
  channels: ['Channels', '通知先'],
  channel: ['Channel', '通知先'],
  lastTold: ['Last sent', '最終通知'],
  lastError: ['Last error', '直近のエラー'],
  webhook: ['Webhook', 'Webhook'],
  slack: ['Slack', 'Slack'],
  email: ['E-mail', 'メール'],
  room: ['A bot’s own chat', 'ボットのトーク'],
  noChannel: [
    'No channel is set: nobody is told. Set one of ALERT_… and restart.',
    '通知先が設定されていません。ALERT_… のいずれかを設定して再起動してください。',
  ],
  test: ['Send a test', 'テストメッセージを送信'],
  testing: ['Sending…', '送信中…'],
  went: ['sent', '送信成功'],
  critical: ['Critical', '重大'],
  warning: ['Warning', '警告'],
} as const

export function AlertsPage() {
  const t = useWords(words)
  const c = useWords(common)
  const alerts = useData<AlertsView>('/alerts', 10_000)
  return (
    <>
      <PageHead title={c('alerts')} />
      <Loading of={alerts}>
        {(data) => (
          <>
            <section>
              <h2>{t('firing')}</h2>
              {data.firing.length === 0 ? (
                <p class="empty card">{t('quiet')}</p>
              ) : (
                <ul class="firing">
                  {data.firing.map((alert) => (
                    <Firing key={`${alert.rule} ${alert.bot ?? ''}`} alert={alert} />
                  ))}
                </ul>
              )}
            </section>
            <Channels channels={data.channels} />
            <Rules rules={data.rules} />
            <Past past={data.past} />
          </>
        )}
      </Loading>
    </>
  )
}

function Firing({ alert }: { alert: FiringAlert }) {
  const t = useWords(words)
  const rule = useWords(alertWords)
  const advice = useWords(alertAdvice)
  return (
    <li class={`card pad ${alert.severity === 'critical' ? 'bad' : 'warn'}`}>
      <p class="inline">
        <Badge tone={alert.severity === 'critical' ? 'bad' : 'warn'}>{t(alert.severity)}</Badge>
        <strong>
          {alert.bot && <bdi>{alert.bot}: </bdi>}
          {rule(alert.rule)}
        </strong>
        <span class="quiet-text">
          <Ago at={alert.since} />
        </span>
      </p>
      <p>
        <AlertDetail of={alert} />
      </p>
      <p>{advice(alert.rule)}</p>
    </li>
  )
}

interface Told {
  kind: keyof typeof words & ('webhook' | 'slack' | 'email' | 'room')
  ok: boolean
  error?: string
}

function Channels({ channels }: { channels: AlertsView['channels'] }) {
  const t = useWords(words)
  const c = useWords(common)
  const { mayAct, post } = useDesk()
  const problemOf = useProblemWords()
  const [busy, setBusy] = useState(false)
  const [results, setResults] = useState<Told[]>()
  const [problem, setProblem] = useState('')
  const test = async () => {
    setBusy(true)
    setProblem('')
    try {
      setResults(((await post('/alerts/test', {})) as { results: Told[] }).results)
    } catch (error) {
      setProblem(problemOf(error))
    }
    setBusy(false)
  }
  const isSet = channels.some(({ set }) => set)
  return (
    <section>
      <div class="list-head">
        <h2>{t('channels')}</h2>
        {mayAct && isSet && (
          <Button disabled={busy} onClick={() => void test()}>
            <BellRing size={16} /> {busy ? t('testing') : t('test')}
          </Button>
        )}
      </div>
      {!isSet && <p class="notice warn">{t('noChannel')}</p>}
      {problem && <Problem>{problem}</Problem>}
      <div role="status">
        {results && (
          <ul class="test-results">
            {results.map(({ kind, ok, error }) => (
              <li key={kind}>
                {t(kind)}: <Badge tone={ok ? 'good' : 'bad'}>{ok ? t('went') : (error ?? '–')}</Badge>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div class="card scroll">
        <table class="table stacks">
          <caption class="visually-hidden">{t('channels')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('channel')}</th>
              <th scope="col">{c('state')}</th>
              <th scope="col">{t('lastTold')}</th>
              <th scope="col">{t('lastError')}</th>
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <tr key={channel.kind}>
                <th scope="row" data-label={t('channel')}>
                  {t(channel.kind)}
                </th>
                <td data-label={c('state')}>
                  <Badge {...(channel.set ? { tone: 'good' as const } : {})}>
                    {c(channel.set ? 'set' : 'unset')}
                  </Badge>
                </td>
                <td data-label={t('lastTold')}>
                  {channel.lastAt === undefined ? '–' : <Ago at={channel.lastAt} />}
                </td>
                <td data-label={t('lastError')} class="text-cell">
                  {channel.lastError ? <bdi class="bad-text">{channel.lastError}</bdi> : '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Rules({ rules }: { rules: AlertsView['rules'] }) {
  const t = useWords(words)
  const c = useWords(common)
  const rule = useWords(alertWords)
  const language = useLanguage()
  return (
    <section>
      <h2>{t('rules')}</h2>
      <div class="card scroll">
        <table class="table stacks">
          <caption class="visually-hidden">{t('rules')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('rule')}</th>
              <th scope="col">{c('state')}</th>
              <th scope="col">{t('setting')}</th>
            </tr>
          </thead>
          <tbody>
            {rules.map((each) => (
              <tr key={each.id}>
                <th scope="row" data-label={t('rule')}>
                  {rule(each.id)}
                </th>
                <td data-label={c('state')}>
                  <Badge {...(each.on ? { tone: 'good' as const } : {})}>{t(each.on ? 'on' : 'off')}</Badge>
                </td>
                <td data-label={t('setting')}>{language === 'ja' ? each.settingJa : each.setting}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Past({ past }: { past: AlertsView['past'] }) {
  const t = useWords(words)
  const language = useLanguage()
  const rule = useWords(alertWords)
  return (
    <section>
      <h2>{t('past')}</h2>
      {past.length === 0 ? (
        <p class="empty card">{t('noPast')}</p>
      ) : (
        <div class="card scroll">
          <table class="table stacks">
            <caption class="visually-hidden">{t('past')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('rule')}</th>
                <th scope="col">{t('what')}</th>
                <th scope="col">{t('began')}</th>
                <th scope="col">{t('lasted')}</th>
              </tr>
            </thead>
            <tbody>
              {past.map((alert) => (
                <tr key={`${alert.rule} ${alert.bot ?? ''} ${alert.since}`}>
                  <th scope="row" data-label={t('rule')}>
                    {alert.bot && <bdi>{alert.bot}: </bdi>}
                    {rule(alert.rule)}
                  </th>
                  <td data-label={t('what')} class="text-cell">
                    <AlertDetail of={alert} />
                  </td>
                  <td data-label={t('began')}>
                    <Clock at={alert.since} />
                  </td>
                  <td data-label={t('lasted')} title={clockTime(alert.endedAt, language)}>
                    {duration(alert.endedAt - alert.since, language)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
