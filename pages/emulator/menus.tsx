import { ChevronDown, ChevronUp } from 'lucide-preact'
import type { PhoneMenu } from '../../libs/emulator/page-types'
import { useLanguage, useWords } from '../shared/i18n'
import { actionsOf, labelOf } from './action'
import { Areas } from './cards'
import { Picture } from './pieces'
import { number, record, records, text, type Json } from './read'
import { useChatting } from './tapping'
import { words } from './words'

interface QuickRepliesProps {
  items: Json[]
  onUsed: () => void
}

/** Above the keyboard, gone once one is used. */
export function QuickReplies({ items, onUsed }: QuickRepliesProps) {
  const t = useWords(words)
  const language = useLanguage()
  const { tap } = useChatting()
  return (
    <div class="quick-replies" role="group" aria-label={t('quickReplies')}>
      {items.map((item, i) => (
        <button
          key={i}
          type="button"
          onClick={() => {
            tap(record(item.action))
            onUsed()
          }}
        >
          {labelOf(record(item.action), language)}
        </button>
      ))}
    </div>
  )
}

interface MenuProps {
  menu: PhoneMenu
  open: boolean
  onOpen: (open: boolean) => void
}

/** A LINE or LINE WORKS rich menu with its picture, or the buttons of a persistent menu. */
export function Menu({ menu, open, onOpen }: MenuProps) {
  const t = useWords(words)
  const content = menu.platform === 'line' ? menu.richMenu : menu.menu
  const name = text(content.chatBarText) || t('menu')
  return (
    <div class="menu">
      <button
        type="button"
        class="menu-bar"
        aria-expanded={open}
        aria-label={open ? t('closeMenu', { name }) : t('openMenu', { name })}
        onClick={() => onOpen(!open)}
      >
        {name}
        {open ? <ChevronDown size={16} aria-hidden="true" /> : <ChevronUp size={16} aria-hidden="true" />}
      </button>
      {open && <MenuBody content={content} image={menu.image} />}
    </div>
  )
}

function MenuBody({ content, image }: { content: Json; image: string | undefined }) {
  const t = useWords(words)
  const areas = records(content.areas)
  if (areas.length === 0) return <MenuButtons content={content} />
  const size = record(content.size)
  const [width, height] = [number(size.width) ?? 2500, number(size.height) ?? 1686]
  return (
    <div class={image ? 'areas rich-menu pictured' : 'areas rich-menu'}>
      <Picture url={image ?? ''} ratio={width / height} label={t('menu')} />
      <Areas
        areas={areas.map((area) => ({ bounds: record(area.bounds), action: record(area.action) }))}
        size={{ width, height }}
      />
    </div>
  )
}

/** The persistent menu: `{ content: { actions } }`, or what is in it. */
function MenuButtons({ content }: { content: Json }) {
  const language = useLanguage()
  const { tap } = useChatting()
  const actions = actionsOf(content.actions ?? record(content.content).actions)
  return (
    <div class="menu-buttons">
      {actions.map((action, i) => (
        <button key={i} type="button" onClick={() => tap(action)}>
          {labelOf(action, language)}
        </button>
      ))}
    </div>
  )
}
