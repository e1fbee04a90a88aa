import { ArrowLeftRight, Clapperboard, Route, Zap } from 'lucide-preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useWords } from '../../shared/i18n'
import { usePage } from '../store'
import { activeOf, faultSorts } from './fault-kinds'
import { FaultPanel } from './faults'
import './panels.css'
import { RequestInspector } from './requests'
import { ScenarioBar } from './scenario'
import { WayOfMessage } from './way'

const words = {
  panels: ['Tools', 'ツール'],
  faults: ['Faults', '障害'],
  requests: ['Requests', 'リクエスト'],
  way: ['The way', '経路'],
  scenario: ['Scenario', 'シナリオ'],
  on: ['{n} on', '{n} 件が有効'],
} as const

const tabs = [
  { name: 'faults', Sign: Zap },
  { name: 'requests', Sign: ArrowLeftRight },
  { name: 'way', Sign: Route },
  { name: 'scenario', Sign: Clapperboard },
] as const
type TabName = (typeof tabs)[number]['name']

/** What goes wrong, what was said, which way it went, and all of it again. */
export function Panels() {
  const { selectedLine } = usePage()
  const [tab, setTab] = useState<TabName>('faults')
  const id = useId()
  const line = selectedLine?.id
  // Whoever taps a message wants to see its way.
  useEffect(() => {
    if (line !== undefined) setTab('way')
  }, [line])
  // All stay alive while another is shown: a selection, a recording, settings.
  const panels = {
    faults: <FaultPanel />,
    requests: <RequestInspector />,
    way: <WayOfMessage active={tab === 'way'} />,
    scenario: <ScenarioBar />,
  }
  return (
    <div class="panels">
      <TabList id={id} tab={tab} onTab={setTab} />
      {tabs.map(({ name }) => (
        <div
          key={name}
          role="tabpanel"
          id={`${id}${name}`}
          aria-labelledby={`${id}${name}-tab`}
          class="panel"
          hidden={tab !== name}
        >
          {panels[name]}
        </div>
      ))}
    </div>
  )
}

interface TabListProps {
  id: string
  tab: TabName
  onTab: (tab: TabName) => void
}

/** One stop for the Tab key; arrows go from tab to tab. */
function TabList({ id, tab, onTab }: TabListProps) {
  const { state } = usePage()
  const t = useWords(words)
  const list = useRef<HTMLDivElement>(null)
  const on = faultSorts.flatMap(({ kind }) => activeOf(state.faults, kind, Date.now())).length
  const onKeyDown = (event: KeyboardEvent) => {
    const next = neighbour(tab, event.key)
    if (!next) return
    event.preventDefault()
    onTab(next)
    list.current?.querySelector<HTMLElement>(`#${CSS.escape(`${id}${next}-tab`)}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={t('panels')} ref={list} onKeyDown={onKeyDown}>
      {tabs.map(({ name, Sign }) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`${id}${name}-tab`}
          aria-controls={`${id}${name}`}
          aria-selected={tab === name}
          tabIndex={tab === name ? 0 : -1}
          onClick={() => onTab(name)}
        >
          <Sign size={16} aria-hidden="true" />
          {t(name)}
          {name === 'faults' && on > 0 && (
            <span class="tab-count" title={t('on', { n: on })}>
              {on}
            </span>
          )}
          {name === 'scenario' && state.scenario.recording && <span class="tab-dot" aria-hidden="true" />}
        </button>
      ))}
    </div>
  )
}

function neighbour(tab: TabName, key: string): TabName | undefined {
  const at = tabs.findIndex(({ name }) => name === tab)
  if (key === 'ArrowRight') return tabs[(at + 1) % tabs.length]?.name
  if (key === 'ArrowLeft') return tabs.at(at - 1)?.name
  if (key === 'Home') return tabs[0].name
  return key === 'End' ? tabs.at(-1)?.name : undefined
}
