import { WifiOff } from 'lucide-preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Badge } from '../shared/parts'
import { useLanguage, useWords, type Language } from '../shared/i18n'
import { storedTheme, storeTheme, type Theme } from '../shared/theme'
import { Panels } from './panels/panels'
import { Phone } from './phone'
import type { Page } from './store'
import { platformNames, words } from './words'
import './shell.css'

interface ShellProps {
  page: Page | undefined
  connected: boolean
  onLanguage: (language: Language) => void
}

export function Shell({ page, connected, onLanguage }: ShellProps) {
  const t = useWords(words)
  const [webPictures, setWebPictures] = useState(false)
  return (
    <div class="shell">
      <TopBar
        connected={connected}
        loaded={page !== undefined}
        version={page?.state.version}
        onLanguage={onLanguage}
        webPictures={webPictures}
        onWebPictures={setWebPictures}
      />
      {page && !connected && (
        <p class="lost" role="alert">
          <WifiOff size={16} aria-hidden="true" />
          {t('lost')}
        </p>
      )}
      {page ? <Stage page={page} webPictures={webPictures} /> : <p class="empty">{t('connecting')}</p>}
    </div>
  )
}

interface TopBarProps {
  connected: boolean
  loaded: boolean
  version: string | undefined
  onLanguage: (language: Language) => void
  webPictures: boolean
  onWebPictures: (wanted: boolean) => void
}

function TopBar({ connected, loaded, version, onLanguage, webPictures, onWebPictures }: TopBarProps) {
  const t = useWords(words)
  const language = useLanguage()
  return (
    <header class="top">
      <img src="icon.svg" alt="" width={28} height={28} />
      <div class="top-title">
        <h1>Hookline</h1>
        <span class="top-name">{t('title')}</span>
        {version && <span class="top-version">{version}</span>}
      </div>
      <div class="top-tools">
        {loaded && <Badge tone={connected ? 'good' : 'warn'}>{connected ? t('live') : '…'}</Badge>}
        <label class="check">
          <input
            type="checkbox"
            checked={webPictures}
            onChange={(event) => onWebPictures(event.currentTarget.checked)}
          />
          {t('webPictures')}
        </label>
        <ThemeSelect />
        <select
          class="top-select"
          aria-label={t('language')}
          value={language}
          onChange={(event) => onLanguage(event.currentTarget.value === 'ja' ? 'ja' : 'en')}
        >
          <option value="en" lang="en">
            English
          </option>
          <option value="ja" lang="ja">
            日本語
          </option>
        </select>
      </div>
    </header>
  )
}

const themes: readonly Theme[] = ['auto', 'light', 'dark']

function ThemeSelect() {
  const t = useWords(words)
  const [theme, setTheme] = useState<Theme>(storedTheme)
  const choose = (chosen: Theme) => {
    storeTheme(chosen)
    setTheme(chosen)
  }
  return (
    <select
      class="top-select"
      aria-label={t('theme')}
      value={theme}
      onChange={(event) => choose(themes.find((each) => each === event.currentTarget.value) ?? 'auto')}
    >
      {themes.map((each) => (
        <option key={each} value={each}>
          {t(each)}
        </option>
      ))}
    </select>
  )
}

const narrow = matchMedia('(max-width: 979px)')

function useNarrow(): boolean {
  const [is, setIs] = useState(narrow.matches)
  useEffect(() => {
    const changed = () => setIs(narrow.matches)
    narrow.addEventListener('change', changed)
    return () => narrow.removeEventListener('change', changed)
  }, [])
  return is
}

/** The phones and the panels: side by side, or one at a time behind tabs. */
function Stage({ page, webPictures }: { page: Page; webPictures: boolean }) {
  const t = useWords(words)
  const isNarrow = useNarrow()
  const { platforms } = page.state
  const tabs = [
    ...platforms.map(({ platform }) => ({ id: platform, label: platformNames[platform] })),
    toolsTab(t('tools')),
  ]
  const [active, setActive] = useState<string>(platforms[0]?.platform ?? toolsId)
  const panels = useRef<HTMLElement>(null)
  const selected = page.selectedLine?.id
  useEffect(() => {
    if (selected === undefined) return
    setActive(toolsId)
    panels.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  const asTab = (id: string) =>
    isNarrow
      ? { role: 'tabpanel' as const, id: `view-${id}`, 'aria-labelledby': `tab-${id}`, hidden: active !== id }
      : {}
  return (
    <main class="main">
      {isNarrow && <Tabs tabs={tabs} active={active} onActive={setActive} />}
      <div class="stage">
        <h2 class="visually-hidden">{t('phones')}</h2>
        {platforms.map((phone) => (
          <div key={phone.platform} class="phone-slot" {...asTab(phone.platform)}>
            <Phone phone={phone} webPictures={webPictures} />
          </div>
        ))}
        <section ref={panels} class="panels-slot" aria-label={t('toolsLong')} {...asTab(toolsId)}>
          <Panels />
        </section>
      </div>
    </main>
  )
}

const toolsId = 'tools'
const toolsTab = (label: string) => ({ id: toolsId, label })

interface TabsProps {
  tabs: { id: string; label: string }[]
  active: string
  onActive: (id: string) => void
}

function Tabs({ tabs, active, onActive }: TabsProps) {
  const t = useWords(words)
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const at = tabs.findIndex(({ id }) => id === active)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (!next) return
    onActive(next.id)
    document.getElementById(`tab-${next.id}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={t('phones')} onKeyDown={step}>
      {tabs.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          data-tab={id}
          aria-selected={id === active}
          aria-controls={`view-${id}`}
          tabIndex={id === active ? 0 : -1}
          onClick={() => onActive(id)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
