import { ArrowDownLeft, ArrowUpRight } from 'lucide-preact'
import { useState } from 'preact/hooks'
import type { ExchangeRow } from '../../../libs/emulator/page-types'
import { clockTime, count, duration } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import { Badge, Field } from '../../shared/parts'
import { usePage } from '../store'
import { ExchangeDetail } from './exchange-detail'
import { type Filter, filtered, operationsOf, statusClass } from './exchange-filter'
import { allPlatforms } from './fault-kinds'
import { platformNames } from './platform-names'
import { requestWords } from './request-words'

/** Every HTTP request between the platforms and Hookline, as it happens. */
export function RequestInspector() {
  const { exchanges } = usePage()
  const t = useWords(requestWords)
  const [filter, setFilter] = useState<Filter>({})
  const [selected, select] = useState<ExchangeRow>()
  const rows = filtered(exchanges, filter)
  if (exchanges.length === 0) return <p class="empty">{t('empty')}</p>
  return (
    <div class={selected ? 'requests with-detail' : 'requests'}>
      <div class="request-list-side">
        <Filters exchanges={exchanges} filter={filter} onChange={setFilter} shown={rows.length} />
        {rows.length === 0 && <p class="empty">{t('emptyFilter')}</p>}
        <ul class="card request-list" aria-label={t('list')} hidden={rows.length === 0}>
          {rows.map((row) => (
            <li key={row.id}>
              <RequestRow row={row} chosen={row.id === selected?.id} onChoose={() => select(row)} />
            </li>
          ))}
        </ul>
      </div>
      <div class="request-detail-side">
        {selected ? (
          <ExchangeDetail
            key={selected.id}
            row={latest(exchanges, selected)}
            onClose={() => select(undefined)}
          />
        ) : (
          <p class="card empty">{t('choose')}</p>
        )}
      </div>
    </div>
  )
}

/** A row comes again when its answer is there; one that fell out of the list is kept as it was. */
function latest(exchanges: ExchangeRow[], row: ExchangeRow): ExchangeRow {
  return exchanges.find(({ id }) => id === row.id) ?? row
}

interface FiltersProps {
  exchanges: ExchangeRow[]
  filter: Filter
  onChange: (filter: Filter) => void
  shown: number
}

const directions = ['webhook', 'api'] as const
const statuses = ['good', 'bad', 'none'] as const

function Filters({ exchanges, filter, onChange, shown }: FiltersProps) {
  const t = useWords(requestWords)
  const language = useLanguage()
  const chooser = <K extends keyof Filter>(
    key: K,
    options: readonly NonNullable<Filter[K]>[],
    words: (option: NonNullable<Filter[K]>) => string,
  ) => (
    <Field label={t(key)}>
      <select
        class="input"
        value={filter[key] ?? ''}
        onChange={(event) => onChange(withFilter(filter, key, event.currentTarget.value))}
      >
        <option value="">{t('any')}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
    </Field>
  )
  return (
    <div class="request-filters">
      {chooser('platform', allPlatforms, (each) => platformNames[each])}
      {chooser('direction', directions, (each) => t(each))}
      {chooser('status', statuses, (each) => t(each))}
      {chooser('operation', operationsOf(exchanges), (each) => each)}
      <p class="request-count" role="status">
        {t('count', { n: count(shown, language), of: count(exchanges.length, language) })}
      </p>
    </div>
  )
}

function withFilter(filter: Filter, key: keyof Filter, value: string): Filter {
  const rest = Object.fromEntries(Object.entries(filter).filter(([each]) => each !== key))
  return value === '' ? rest : { ...rest, [key]: value }
}

interface RequestRowProps {
  row: ExchangeRow
  chosen: boolean
  onChoose: () => void
}

function RequestRow({ row, chosen, onChoose }: RequestRowProps) {
  const t = useWords(requestWords)
  const language = useLanguage()
  const Sign = row.direction === 'webhook' ? ArrowUpRight : ArrowDownLeft
  return (
    <button type="button" class="request-row" aria-current={chosen ? 'true' : undefined} onClick={onChoose}>
      <span class="request-sign" title={t(row.direction)}>
        <Sign size={16} aria-hidden="true" />
        <span class="visually-hidden">{t(row.direction)}</span>
      </span>
      <span class="request-main">
        <span class="request-operation">{row.operation}</span>
        <span class="request-url">
          {row.method} {row.url}
        </span>
      </span>
      <span class="request-platform">{platformNames[row.platform]}</span>
      <span class="request-end">
        {row.fault && <Badge tone="warn">{t('fault', { name: row.fault })}</Badge>}
        <StatusBadge status={row.status} />
      </span>
      <span class="request-time">
        {clockTime(row.at, language)}
        <span>{duration(row.ms, language)}</span>
      </span>
    </button>
  )
}

export function StatusBadge({ status }: { status: number }) {
  const t = useWords(requestWords)
  const kind = statusClass(status)
  return <Badge tone={kind === 'good' ? 'good' : 'bad'}>{kind === 'none' ? t('none') : status}</Badge>
}
