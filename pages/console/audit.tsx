import type { AuditEntry, AuditPage } from '../../apps/console/api-types'
import { type Words, useLanguage, useWords } from '../shared/i18n'
import { Badge, type Tone } from '../shared/parts'
import { Clock, Id, Loading, PageHead } from './bits'
import { Pager } from './conversations'
import { readable } from './readable'
import { writeQuery } from './url-state'
import { useData } from './use-data'
import { useQuery } from './use-query'
import { common, lookUp } from './words'

const words = {
  list: ['Who did what, latest first', '操作の記録(新しい順)'],
  none: ['Nothing was done yet.', 'まだ記録はありません。'],
  action: ['Action', '操作'],
  target: ['On', '対象'],
  address: ['Address', 'アドレス'],
} as const

const actions = {
  login: ['Logged in', 'ログイン'],
  login_failed: ['Login failed', 'ログイン失敗'],
  logout: ['Logged out', 'ログアウト'],
  pause: ['Paused', '一時停止'],
  resume: ['Resumed', '再開'],
  hold: ['Held sends', '送信を保留'],
  release: ['Released sends', '保留を解除'],
  replay: ['Replayed', '再実行'],
  discard: ['Discarded', '破棄'],
  reveal: ['Revealed text', 'テキストを表示'],
  search_text: ['Searched by text', 'テキスト検索'],
  erase: ['Erased a user', 'ユーザーのデータを消去'],
  queue: ['Queue', 'キュー操作'],
  test_alert: ['Tested alerts', 'アラートのテスト'],
} satisfies Words

const results = {
  ok: ['done', '成功'],
  refused: ['refused', '拒否'],
  failed: ['failed', '失敗'],
} satisfies Words
const tones: Record<AuditEntry['result'], Tone> = { ok: 'good', refused: 'warn', failed: 'bad' }

export function AuditView() {
  const t = useWords(words)
  const c = useWords(common)
  const [query, change] = useQuery()
  const cursor = query['cursor']
  const page = useData<AuditPage>(`/audit${writeQuery({ cursor })}`, cursor ? undefined : 15_000)
  return (
    <>
      <PageHead title={c('audit')} />
      <Loading of={page}>
        {(data) => (
          <>
            {data.entries.length === 0 ? (
              <p class="empty card">{t('none')}</p>
            ) : (
              <Entries entries={data.entries} />
            )}
            <Pager cursor={cursor} next={data.cursor} onGo={(to) => change({ cursor: to })} />
          </>
        )}
      </Loading>
    </>
  )
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  return (
    <div class="card scroll">
      <table class="table stacks">
        <caption class="visually-hidden">{t('list')}</caption>
        <thead>
          <tr>
            <th scope="col">{c('time')}</th>
            <th scope="col">{c('user')}</th>
            <th scope="col">{t('action')}</th>
            <th scope="col">{c('bot')}</th>
            <th scope="col">{t('target')}</th>
            <th scope="col">{c('details')}</th>
            <th scope="col">{c('result')}</th>
            <th scope="col">{t('address')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, index) => (
            <tr key={index}>
              <td data-label={c('time')}>
                <Clock at={entry.at} />
              </td>
              <td data-label={c('user')}>
                <bdi>{readable(entry.user)}</bdi>
              </td>
              <th scope="row" data-label={t('action')}>
                {lookUp(actions, entry.action, language)}
              </th>
              <td data-label={c('bot')}>{entry.bot ? <bdi>{entry.bot}</bdi> : '–'}</td>
              <td data-label={t('target')}>{entry.target ? <Id>{entry.target}</Id> : '–'}</td>
              <td data-label={c('details')} class="text-cell">
                {entry.details ? <bdi>{readable(entry.details)}</bdi> : '–'}
              </td>
              <td data-label={c('result')}>
                <Badge tone={tones[entry.result]}>{lookUp(results, entry.result, language)}</Badge>
              </td>
              <td data-label={t('address')} class="mono">
                {entry.ip}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
