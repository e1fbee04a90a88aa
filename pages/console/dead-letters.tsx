import { RotateCcw, Trash2 } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { DeadLetterFilter, DeadLetterPage as Page, DeadLetterRow } from '../../apps/console/api-types'
import { count } from '../shared/format'
import { useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Field } from '../shared/parts'
import { Ago, Choice, Id, Loading, PageHead, PlatformMark, Reason } from './bits'
import { BotChoice } from './bot-choice'
import { BulkDialog, type Chosen } from './bulk-dialog'
import { Pager } from './conversations'
import { useDesk } from './session'
import { type Query, path, timeOf, writeQuery } from './url-state'
import { useData } from './use-data'
import { useQuery } from './use-query'
import { common, lookUp, platformNames, reasonWords } from './words'

const words = {
  list: ['Dead letters, latest first', 'デッドレター(新しい順)'],
  total: ['{n} {n|dead letter|dead letters}', 'デッドレター {n} 件'],
  none: [
    'No dead letters. What can’t be delivered is kept here, and a person decides.',
    'デッドレターはありません。配信できなかったものはここに保管され、対応を選べます。',
  ],
  noneMatch: ['No dead letter matches this filter.', '条件に一致するデッドレターはありません。'],
  parked: ['Parked', '保管日時'],
  cause: ['Cause', '原因'],
  failures: ['Tries', '試行'],
  select: ['Select {id}', '{id} を選択'],
  selectPage: ['Select all on this page', 'このページをすべて選択'],
  selected: ['{n} selected', '{n} 件を選択中'],
  selectAll: ['Select all {n} that match', '一致する {n} 件をすべて選択'],
  allSelected: ['All {n} that match are selected', '一致する {n} 件をすべて選択中'],
  unselect: ['Clear selection', '選択を解除'],
  replay: ['Replay…', '再実行…'],
  discard: ['Discard…', '破棄…'],
  byReason: ['By reason', '理由で絞り込み'],
  allReasons: ['All', 'すべて'],
  replayed: ['replayed {n}×', '再実行 {n} 回'],
} as const

export function DeadLettersPage() {
  const t = useWords(words)
  const c = useWords(common)
  const [query, change] = useQuery()
  const filter = filterOf(query)
  const page = useData<Page>(
    `/dead-letters${writeQuery({ ...filter, cursor: query['cursor'], limit: 50 })}`,
    15_000,
  )
  const put = (field: string) => (value: string) => change({ [field]: value, cursor: undefined })
  const isFiltered = Object.keys(filter).length > 0
  return (
    <>
      <PageHead title={c('deadLetters')} />
      <form class="tools card" role="search" onSubmit={(event) => event.preventDefault()}>
        <BotChoice value={query['bot']} onChange={put('bot')} />
        <Choice
          label={c('platform')}
          value={query['platform']}
          options={[
            { value: '', label: c('any') },
            ...Object.entries(platformNames).map(([value, label]) => ({ value, label })),
          ]}
          onChange={put('platform')}
        />
        <TimeField label={c('from')} value={query['from']} onChange={put('from')} />
        <TimeField label={c('to')} value={query['to']} onChange={put('to')} />
      </form>
      <Loading of={page}>
        {(data) => (
          <div aria-busy={page.busy}>
            <Reasons reasons={data.reasons} chosen={query['reason']} onChoose={put('reason')} />
            {data.letters.length === 0 ? (
              <p class="empty card">{t(isFiltered ? 'noneMatch' : 'none')}</p>
            ) : (
              <Letters key={JSON.stringify(filter)} page={data} filter={filter} onChange={page.reload} />
            )}
            <Pager cursor={query['cursor']} next={data.cursor} onGo={(cursor) => change({ cursor })} />
          </div>
        )}
      </Loading>
    </>
  )
}

function filterOf(query: Query): DeadLetterFilter {
  const from = timeOf(query['from'])
  const to = timeOf(query['to'])
  return {
    ...(query['bot'] ? { bot: query['bot'] } : {}),
    ...(query['reason'] ? { reason: query['reason'] } : {}),
    ...(isPlatform(query['platform']) ? { platform: query['platform'] } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
}

const isPlatform = (name: string | undefined): name is NonNullable<DeadLetterFilter['platform']> =>
  name !== undefined && name in platformNames

function TimeField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (at: string) => void
}) {
  return (
    <Field label={label}>
      <input
        class="input"
        type="datetime-local"
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  )
}

interface ReasonsProps {
  reasons: Record<string, number>
  chosen: string | undefined
  onChoose: (reason: string) => void
}

function Reasons({ reasons, chosen, onChoose }: ReasonsProps) {
  const t = useWords(words)
  const language = useLanguage()
  const known = Object.entries(reasons).sort(([, a], [, b]) => b - a)
  if (known.length === 0) return null
  const all = known.reduce((sum, [, n]) => sum + n, 0)
  const chip = (value: string, label: string, n: number) => (
    <button key={value} type="button" aria-pressed={(chosen ?? '') === value} onClick={() => onChoose(value)}>
      {label} <span>{count(n, language)}</span>
    </button>
  )
  return (
    <div class="chips" role="group" aria-label={t('byReason')}>
      {chip('', t('allReasons'), all)}
      {known.map(([reason, n]) => chip(reason, lookUp(reasonWords, reason, language), n))}
    </div>
  )
}

const keyOf = ({ bot, id }: { bot: string; id: string }) => JSON.stringify([bot, id])

function Letters({ page, filter, onChange }: { page: Page; filter: DeadLetterFilter; onChange: () => void }) {
  const { mayAct } = useDesk()
  const [picked, setPicked] = useState<Map<string, { bot: string; id: string }>>(new Map())
  const [isAll, setAll] = useState(false)
  const [asked, setAsked] = useState<{ action: 'replay' | 'discard'; chosen: Chosen }>()
  const clear = () => {
    setPicked(new Map())
    setAll(false)
  }
  const pick = (rows: DeadLetterRow[], on: boolean) => {
    const next = new Map(picked)
    for (const row of rows) {
      if (on) next.set(keyOf(row), { bot: row.bot, id: row.id })
      else next.delete(keyOf(row))
    }
    setPicked(next)
    setAll(false)
  }
  const chosen: Chosen = isAll ? { filter, n: page.total } : { letters: [...picked.values()], n: picked.size }
  return (
    <>
      {mayAct && (
        <BulkBar
          page={page}
          n={chosen.n}
          isAll={isAll}
          onAll={() => setAll(true)}
          onClear={clear}
          onAct={(action) => setAsked({ action, chosen })}
        />
      )}
      <LetterTable
        rows={page.letters}
        isPicked={(row) => isAll || picked.has(keyOf(row))}
        {...(mayAct ? { onPick: pick } : {})}
      />
      {asked && (
        <BulkDialog
          {...asked}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            clear()
            onChange()
          }}
        />
      )}
    </>
  )
}

interface BulkBarProps {
  page: Page
  n: number
  isAll: boolean
  onAll: () => void
  onClear: () => void
  onAct: (action: 'replay' | 'discard') => void
}

function BulkBar({ page, n, isAll, onAll, onClear, onAct }: BulkBarProps) {
  const t = useWords(words)
  const language = useLanguage()
  const number = (value: number) => ({ n: count(value, language) })
  return (
    <div class={`bulk-bar ${n > 0 ? 'active' : ''}`}>
      <span role="status">
        {n === 0
          ? t('total', number(page.total))
          : isAll
            ? t('allSelected', number(n))
            : t('selected', number(n))}
      </span>
      {!isAll && (n > 0 || page.total > page.letters.length) && page.total > n && (
        <Button look="quiet" onClick={onAll}>
          {t('selectAll', number(page.total))}
        </Button>
      )}
      {n > 0 && (
        <Button look="quiet" onClick={onClear}>
          {t('unselect')}
        </Button>
      )}
      <span class="spacer" />
      <Button disabled={n === 0} onClick={() => onAct('replay')}>
        <RotateCcw size={16} /> {t('replay')}
      </Button>
      <Button look="danger" disabled={n === 0} onClick={() => onAct('discard')}>
        <Trash2 size={16} /> {t('discard')}
      </Button>
    </div>
  )
}

interface LetterTableProps {
  rows: DeadLetterRow[]
  isPicked: (row: DeadLetterRow) => boolean
  onPick?: (rows: DeadLetterRow[], on: boolean) => void
}

function LetterTable({ rows, isPicked, onPick }: LetterTableProps) {
  const t = useWords(words)
  const c = useWords(common)
  const all = useRef<HTMLInputElement>(null)
  const n = rows.filter(isPicked).length
  useEffect(() => {
    if (all.current) all.current.indeterminate = n > 0 && n < rows.length
  }, [n, rows.length])
  return (
    <div class="card scroll">
      <table class="table stacks">
        <caption class="visually-hidden">{t('list')}</caption>
        <thead>
          <tr>
            {onPick && (
              <td class="pick">
                <input
                  ref={all}
                  type="checkbox"
                  aria-label={t('selectPage')}
                  checked={n === rows.length}
                  onChange={(event) => onPick(rows, event.currentTarget.checked)}
                />
              </td>
            )}
            <th scope="col">{t('cause')}</th>
            <th scope="col">{c('conversation')}</th>
            <th scope="col">{c('bot')}</th>
            <th scope="col">{c('type')}</th>
            <th scope="col" class="number">
              {t('failures')}
            </th>
            <th scope="col">{t('parked')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LetterRow key={keyOf(row)} row={row} isPicked={isPicked(row)} {...(onPick ? { onPick } : {})} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface LetterRowProps {
  row: DeadLetterRow
  isPicked: boolean
  onPick?: LetterTableProps['onPick']
}

function LetterRow({ row, isPicked, onPick }: LetterRowProps) {
  const t = useWords(words)
  const c = useWords(common)
  const language = useLanguage()
  return (
    <tr class={isPicked ? 'picked' : ''}>
      {onPick && (
        <td class="pick">
          <input
            type="checkbox"
            aria-label={t('select', { id: `${row.bot} ${row.id}` })}
            checked={isPicked}
            onChange={(event) => onPick([row], event.currentTarget.checked)}
          />
        </td>
      )}
      <th scope="row" data-label={t('cause')} class="text-cell">
        <Link href={path('dead-letters', row.bot, row.id)}>
          <Reason of={row.reason} />
        </Link>
        <small class="sub explanation">
          <bdi>{row.explanation.split('\n', 1)[0]}</bdi>
        </small>
      </th>
      <td data-label={c('conversation')}>
        <Id>{row.lane}</Id>
      </td>
      <td data-label={c('bot')}>
        <span class="bot-cell">
          <PlatformMark platform={row.platform} /> <bdi>{row.bot}</bdi>
        </span>
      </td>
      <td data-label={c('type')}>
        <code>{row.type}</code>
      </td>
      <td data-label={t('failures')} class="number">
        {count(row.failures, language)}
        {row.replays > 0 && (
          <>
            {' '}
            <Badge>{t('replayed', { n: row.replays })}</Badge>
          </>
        )}
      </td>
      <td data-label={t('parked')}>
        <Ago at={row.parkedAt} />
      </td>
    </tr>
  )
}
