import type { ComponentChildren } from 'preact'
import { useLanguage, useWords } from '../shared/i18n'
import { labelOf, translated } from './action'
import { Picture, pictureOf, Segments, Tappable } from './pieces'
import { isRecord, number, records, text, type Json } from './read'
import type { Segment } from './segments'
import { useChatting } from './tapping'
import { words } from './words'

/* Cards, with which both LINE and LINE WORKS build their templates, and areas on pictures. */

export function plain(words: string): Segment[] {
  return [{ kind: 'text', text: words }]
}

export function Cards({ holder, columns }: { holder: Json; columns: Json[] }) {
  const t = useWords(words)
  return (
    <div class="strip" role="group" aria-label={t('cards')} tabIndex={0}>
      {columns.map((column, i) => (
        <ColumnCard key={i} column={column} holder={holder} />
      ))}
    </div>
  )
}

/** `holder` says how the pictures of all columns look. */
export function ColumnCard({ column, holder }: { column: Json; holder: Json }) {
  const language = useLanguage()
  const picture = pictureOf(column)
  return (
    <Card
      title={translated(column, { field: 'title', list: 'i18nTitles', language })}
      segments={plain(translated(column, { field: 'text', list: 'i18nTexts', language }))}
      actions={records(column.actions)}
      defaultAction={column.defaultAction}
      picture={
        picture !== '' && (
          <Picture
            url={picture}
            ratio={holder.imageAspectRatio === 'square' ? 1 : 1.51}
            fit={holder.imageSize === 'contain' ? 'contain' : 'cover'}
          />
        )
      }
    />
  )
}

interface CardProps {
  title?: string
  segments: Segment[]
  actions: Json[]
  defaultAction?: unknown
  picture?: ComponentChildren
  class?: string
}

export function Card({ title, segments, actions, defaultAction, picture, class: extra = '' }: CardProps) {
  return (
    <div class={`talk-card ${extra}`}>
      <Tappable action={defaultAction} class="talk-card-main">
        {picture}
        <div class="talk-card-text">
          {title && <strong>{title}</strong>}
          <span>
            <Segments of={segments} />
          </span>
        </div>
      </Tappable>
      <div class="talk-card-actions">
        {actions.map((action, i) => (
          <ActionButton key={i} action={action} />
        ))}
      </div>
    </div>
  )
}

export function ActionButton({ action }: { action: Json }) {
  const language = useLanguage()
  const { tap } = useChatting()
  return (
    <button type="button" class="talk-action" onClick={() => tap(action)}>
      {labelOf(action, language)}
    </button>
  )
}

export function ImageCards({ columns }: { columns: Json[] }) {
  const t = useWords(words)
  const language = useLanguage()
  return (
    <div class="strip" role="group" aria-label={t('cards')} tabIndex={0}>
      {columns.map((column, i) => (
        <Tappable key={i} action={column.action} class="image-card">
          <Picture url={pictureOf(column)} ratio={1} />
          {isRecord(column.action) && <span aria-hidden="true">{labelOf(column.action, language)}</span>}
        </Tappable>
      ))}
    </div>
  )
}

interface AreasProps {
  areas: { bounds: Json; action: Json }[]
  size: { width: number; height: number }
}

/** Invisible buttons on a picture, at their places. */
export function Areas({ areas, size: { width, height } }: AreasProps) {
  const t = useWords(words)
  const { tap } = useChatting()
  const percent = (value: unknown, of: number) => `${(100 * (number(value) ?? 0)) / (of || 1)}%`
  return (
    <>
      {areas.map(({ bounds, action }, i) => (
        <button
          key={i}
          type="button"
          class="area"
          onClick={() => tap(action)}
          style={{
            left: percent(bounds.x, width),
            top: percent(bounds.y, height),
            width: percent(bounds.width, width),
            height: percent(bounds.height, height),
          }}
        >
          <span>{text(action.label) || text(action.text) || t('area', { n: i + 1 })}</span>
        </button>
      ))}
    </>
  )
}
