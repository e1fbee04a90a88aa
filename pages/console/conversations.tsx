import { useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { ConversationPage as Page, ConversationRow } from '../../apps/console/api-types'
import { clockTime, count } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Field } from '../shared/parts'
import { Ago, Choice, Id, Loading, PageHead, PlatformMark, Reason, Said, State, outcomeFilters } from './bits'
import { BotChoice } from './bot-choice'
import { useDesk } from './session'
import { type Query, path, timeOf, writeQuery } from './url-state'
import { useData } from './use-data'
import { useQuery } from './use-query'
import { common, storyWords } from './words'

const words = {
  text: ['Text', 'テキスト'],
  textHint: ['Searches by text are written to the audit log.', 'テキスト検索は監査ログに記録されます。'],
  list: ['Conversations, latest first', '会話(新しい順)'],
  last: ['Latest', '最新の状態'],
  lastAt: ['Last activity', '最終更新'],
  items: ['{n} waiting', '待ち {n} 件'],
  noneFound: ['No conversation matches.', '一致する会話はありません。'],
  noneKept: [
    'A bot keeps its timelines only as long as its retention setting says.',
    '会話の記録は、ボットごとの保存設定の期間だけ残ります。',
  ],
  searchedTo: [
    'Searched back to {time}; go on with the next page.',
    '{time} まで検索しました。続きは次のページで検索できます。',
  ],
  found: ['{n} {n|conversation|conversations} on this page', 'このページの会話: {n} 件'],
} as const

const fields = ['bot', 'user', 'text', 'from', 'to', 'outcome'] as const

export function ConversationsPage() {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  const [query, change] = useQuery()
  const { cursor } = query
  const asked = writeQuery({
    bot: query['bot'],
    user: query['user'],
    text: query['text'],
    from: timeOf(query['from']),
    to: timeOf(query['to']),
    outcome: query['outcome'],
    cursor,
    limit: 50,
  })
  // A search by text is audited: it is not repeated by itself.
  const page = useData<Page>(`/conversations${asked}`, query['text'] ? undefined : 15_000)
  return (
    <>
      <PageHead title={c('conversations')} />
      <SearchForm key={JSON.stringify(fields.map((field) => query[field]))} query={query} onSearch={change} />
      <Loading of={page}>
        {(data) => (
          <div aria-busy={page.busy}>
            <p class="visually-hidden" role="status">
              {t('found', { n: count(data.conversations.length, language) })}
            </p>
            {data.searchedTo !== undefined && (
              <p class="notice">{t('searchedTo', { time: clockTime(data.searchedTo, language) })}</p>
            )}
            {data.conversations.length === 0 ? (
              <div class="empty card">
                <p>{t('noneFound')}</p>
                <p>{t('noneKept')}</p>
              </div>
            ) : (
              <ConversationTable rows={data.conversations} />
            )}
            <Pager cursor={cursor} next={data.cursor} onGo={(to) => change({ cursor: to })} />
          </div>
        )}
      </Loading>
    </>
  )
}

function SearchForm({
  query,
  onSearch,
}: {
  query: Query
  onSearch: (changed: Record<string, string | undefined>) => void
}) {
  const t = useWords(words)
  const c = useWords(common)
  const s = useWords(storyWords)
  const { mayAct } = useDesk()
  const [draft, setDraft] = useState<Query>(query)
  const put = (field: string) => (value: string) => setDraft((before) => ({ ...before, [field]: value }))
  const input = (field: string, type: string) => (
    <input
      class="input"
      type={type}
      value={draft[field] ?? ''}
      onInput={(event) => put(field)(event.currentTarget.value)}
    />
  )
  return (
    <form
      class="tools card"
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch({ ...Object.fromEntries(fields.map((field) => [field, draft[field]])), cursor: undefined })
      }}
    >
      <BotChoice value={draft['bot']} onChange={put('bot')} />
      <Field label={c('user')}>{input('user', 'search')}</Field>
      {mayAct && <Field label={t('text')}>{input('text', 'search')}</Field>}
      <Field label={c('from')}>{input('from', 'datetime-local')}</Field>
      <Field label={c('to')}>{input('to', 'datetime-local')}</Field>
      <Choice
        label={c('outcome')}
        value={draft['outcome']}
        options={[
          { value: '', label: c('any') },
          ...outcomeFilters.map((value) => ({ value, label: s(value) })),
        ]}
        onChange={put('outcome')}
      />
      <div class="tool-buttons">
        <Button type="submit" look="primary">
          {c('search')}
        </Button>
        <Button
          onClick={() =>
            onSearch(Object.fromEntries([...fields, 'cursor'].map((field) => [field, undefined])))
          }
        >
          {c('clear')}
        </Button>
      </div>
      {mayAct && <p class="hint">{t('textHint')}</p>}
    </form>
  )
}

function ConversationTable({ rows }: { rows: ConversationRow[] }) {
  const t = useWords(words)
  const c = useWords(common)
  return (
    <div class="card scroll">
      <table class="table stacks">
        <caption class="visually-hidden">{t('list')}</caption>
        <thead>
          <tr>
            <th scope="col">{c('conversation')}</th>
            <th scope="col">{c('bot')}</th>
            <th scope="col">{t('last')}</th>
            <th scope="col">{t('text')}</th>
            <th scope="col">{t('lastAt')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.bot} ${row.lane}`}>
              <th scope="row" data-label={c('conversation')}>
                <Link href={path('conversations', row.bot, row.lane)}>
                  <Id>{row.lane}</Id>
                </Link>
                {row.userId && !row.lane.endsWith(`:${row.userId}`) && (
                  <small class="sub">
                    {c('user')} <Id>{row.userId}</Id>
                  </small>
                )}
              </th>
              <td data-label={c('bot')}>
                <span class="bot-cell">
                  <PlatformMark platform={row.platform} /> <bdi>{row.bot}</bdi>
                </span>
              </td>
              <td data-label={t('last')}>
                <span class="inline">
                  {row.last && <State of={row.last.state} />}
                  {row.last?.reason && <Reason of={row.last.reason} />}
                  {row.waiting > 0 && <Badge tone="info">{t('items', { n: row.waiting })}</Badge>}
                </span>
              </td>
              <td data-label={t('text')} class="text-cell">
                {row.last && <code>{row.last.type}</code>} <Said text={row.last?.text} />
              </td>
              <td data-label={t('lastAt')}>
                <Ago at={row.lastAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface PagerProps {
  cursor: string | undefined
  next: string | undefined
  onGo: (cursor: string | undefined) => void
}

/** Pages by cursor: forth, and back to the first. */
export function Pager({ cursor, next, onGo }: PagerProps) {
  const c = useWords(common)
  if (!cursor && !next) return null
  return (
    <div class="pager">
      {cursor && <Button onClick={() => onGo(undefined)}>{c('first')}</Button>}
      {next && <Button onClick={() => onGo(next)}>{c('next')}</Button>}
    </div>
  )
}
