import { useState } from 'preact/hooks'
import type { ConfigView, SettingView } from '../../apps/console/api-types'
import { useWords } from '../shared/i18n'
import { Badge, Field } from '../shared/parts'
import { Id, Loading, PageHead, PlatformMark } from './bits'
import { useData } from './use-data'
import { common } from './words'

const words = {
  filter: ['Filter settings', '設定を絞り込み'],
  none: [
    'No process has reported its settings. Start an ingress or a worker.',
    '設定を報告したプロセスがありません。ingress か worker を起動してください。',
  ],
  noMatch: ['No setting matches.', '一致する設定はありません。'],
  hint: [
    'Secrets are never shown, only whether they are set.',
    '秘密の値は表示せず、設定の有無だけを示します。',
  ],
  of: ['Settings of {what}', '{what} の設定'],
} as const

export function ConfigPage() {
  const t = useWords(words)
  const c = useWords(common)
  const [filter, setFilter] = useState('')
  const config = useData<ConfigView>('/config')
  const wanted = filter.trim().toLowerCase()
  return (
    <>
      <PageHead title={c('config')} />
      <div class="tools card">
        <Field label={t('filter')}>
          <input
            class="input"
            type="search"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
        </Field>
        <p class="hint">{t('hint')}</p>
      </div>
      <Loading of={config}>
        {({ processes }) =>
          processes.length === 0 ? (
            <p class="empty card">{t('none')}</p>
          ) : (
            processes.map((process, index) => (
              <details key={process.id} class="card process-config" open={index === 0}>
                <summary>
                  <h2>{process.kind}</h2> <Id>{process.host}</Id>{' '}
                  <span class="quiet-text">
                    <Id>{process.id}</Id>
                  </span>
                </summary>
                <Settings settings={process.settings} of={process.kind} wanted={wanted} />
                {process.bots.map((bot) => (
                  <section key={bot.bot}>
                    <h3 class="bot-cell">
                      <PlatformMark platform={bot.platform} /> <bdi>{bot.bot}</bdi>
                    </h3>
                    <Settings settings={bot.settings} of={bot.bot} wanted={wanted} />
                  </section>
                ))}
              </details>
            ))
          )
        }
      </Loading>
    </>
  )
}

function Settings({ settings, of, wanted }: { settings: SettingView[]; of: string; wanted: string }) {
  const t = useWords(words)
  const c = useWords(common)
  const found = settings.filter(({ name, value }) => `${name} ${value ?? ''}`.toLowerCase().includes(wanted))
  if (found.length === 0) return <p class="quiet-text pad">{t('noMatch')}</p>
  return (
    <table class="table settings">
      <caption class="visually-hidden">{t('of', { what: of })}</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">{c('name')}</th>
          <th scope="col">{c('value')}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((setting) => (
          <tr key={setting.name}>
            <th scope="row">
              <code>{setting.name}</code>
            </th>
            <td>
              {setting.secret ? (
                <Badge {...(setting.secret === 'set' ? { tone: 'good' as const } : {})}>
                  {c(setting.secret)}
                </Badge>
              ) : setting.value === undefined ? (
                <span class="quiet-text">{c('unset')}</span>
              ) : (
                <Id>{setting.value}</Id>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
