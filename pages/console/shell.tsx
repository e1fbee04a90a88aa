import {
  Bell,
  ChartNoAxesColumn,
  ExternalLink,
  HeartPulse,
  LayoutDashboard,
  LogOut,
  type LucideIcon,
  MailWarning,
  Menu,
  MessagesSquare,
  Radio,
  ScrollText,
  Settings2,
} from 'lucide-preact'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import { type Language, useLanguage, useWords } from '../shared/i18n'
import { Badge, Button, Dialog } from '../shared/parts'
import { type Theme, storeTheme, storedTheme } from '../shared/theme'
import { logout } from './api'
import { useDesk } from './session'
import { common } from './words'

const words = {
  skip: ['Skip to the content', '本文へ移動'],
  main: ['Main menu', 'メインメニュー'],
  menu: ['Menu', 'メニュー'],
  theme: ['Theme', 'テーマ'],
  auto: ['System', '自動'],
  light: ['Light', 'ライト'],
  dark: ['Dark', 'ダーク'],
  language: ['Language', '言語'],
  logout: ['Log out', 'ログアウト'],
  operator: ['Operator', 'オペレーター'],
  viewer: ['Viewer', '閲覧者'],
  readOnly: ['Read-only', '読み取り専用'],
} as const

type Name = 'overview' | 'conversations' | 'deadLetters' | 'tail' | 'health' | 'config' | 'alerts' | 'audit'
const places: { path: string; name: Name; icon: LucideIcon; onPhone?: true }[] = [
  { path: '/', name: 'overview', icon: LayoutDashboard, onPhone: true },
  { path: '/conversations', name: 'conversations', icon: MessagesSquare, onPhone: true },
  { path: '/dead-letters', name: 'deadLetters', icon: MailWarning, onPhone: true },
  { path: '/tail', name: 'tail', icon: Radio, onPhone: true },
  { path: '/alerts', name: 'alerts', icon: Bell },
  { path: '/health', name: 'health', icon: HeartPulse },
  { path: '/config', name: 'config', icon: Settings2 },
  { path: '/audit', name: 'audit', icon: ScrollText },
]

interface ShellProps {
  onLanguage: (language: Language) => void
  /** What was just done, for screen readers and the corner; `n` tells two equal ones apart. */
  said: { words: string; n: number }
  children: ComponentChildren
}

export function Shell({ onLanguage, said, children }: ShellProps) {
  const t = useWords(words)
  const [isOpen, setOpen] = useState(false)
  const [path] = useLocation()
  useEffect(() => setOpen(false), [path])
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <nav class="side" aria-label={t('main')}>
        <Brand />
        <Places />
        <Account onLanguage={onLanguage} />
      </nav>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <PhoneBar onMenu={() => setOpen(true)} />
      <Dialog open={isOpen} title={t('menu')} onClose={() => setOpen(false)}>
        <div class="phone-menu">
          <Places />
          <Account onLanguage={onLanguage} />
        </div>
      </Dialog>
      <Said said={said} />
    </div>
  )
}

function Brand() {
  const { session } = useDesk()
  return (
    <Link href="/" class="brand">
      <img src="/icon.svg" alt="" width="28" height="28" />
      <span>
        Hookline
        <small>{session.version}</small>
      </span>
    </Link>
  )
}

const isAt = (path: string, place: string) =>
  path === place || (place !== '/' && path.startsWith(`${place}/`))

function Places() {
  const t = useWords(common)
  const [path] = useLocation()
  return (
    <ul class="places">
      {places.map(({ path: place, name, icon: Icon }) => (
        <li key={place}>
          <Link href={place} {...(isAt(path, place) ? { 'aria-current': 'page' as const } : {})}>
            <Icon size={18} />
            {t(name)}
          </Link>
        </li>
      ))}
      <li>
        <a href="/queues">
          <ChartNoAxesColumn size={18} />
          {t('queues')} <ExternalLink size={13} />
        </a>
      </li>
    </ul>
  )
}

function PhoneBar({ onMenu }: { onMenu: () => void }) {
  const t = useWords(common)
  const own = useWords(words)
  const [path] = useLocation()
  return (
    <nav class="phone-bar" aria-label={own('main')}>
      {places
        .filter(({ onPhone }) => onPhone)
        .map(({ path: place, name, icon: Icon }) => (
          <Link key={place} href={place} {...(isAt(path, place) ? { 'aria-current': 'page' as const } : {})}>
            <Icon size={20} />
            <span>{t(name)}</span>
          </Link>
        ))}
      <button type="button" onClick={onMenu}>
        <Menu size={20} />
        <span>{own('menu')}</span>
      </button>
    </nav>
  )
}

function Account({ onLanguage }: { onLanguage: (language: Language) => void }) {
  const t = useWords(words)
  const language = useLanguage()
  const { session } = useDesk()
  const [theme, setTheme] = useState<Theme>(storedTheme)
  const chooseTheme = (chosen: Theme) => {
    storeTheme(chosen)
    setTheme(chosen)
  }
  return (
    <div class="account">
      <div class="switches">
        <select
          class="input small"
          aria-label={t('language')}
          value={language}
          onChange={(event) => onLanguage(event.currentTarget.value as Language)}
        >
          <option value="en">English</option>
          <option value="ja">日本語</option>
        </select>
        <select
          class="input small"
          aria-label={t('theme')}
          value={theme}
          onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}
        >
          {(['auto', 'light', 'dark'] as const).map((each) => (
            <option key={each} value={each}>
              {t(each)}
            </option>
          ))}
        </select>
      </div>
      <div class="who">
        <span class="who-name">
          <bdi>{session.user}</bdi>
          <span>
            <Badge>{t(session.role)}</Badge> {session.readOnly && <Badge tone="info">{t('readOnly')}</Badge>}
          </span>
        </span>
        <Button look="quiet" label={t('logout')} onClick={() => void logout(session.csrf)}>
          <LogOut size={18} />
        </Button>
      </div>
    </div>
  )
}

/** What was just done: read out, and shown for some seconds. */
function Said({ said: { words: text, n } }: { said: ShellProps['said'] }) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    if (n === 0) return
    setShown(true)
    const timer = setTimeout(() => setShown(false), 8000)
    return () => clearTimeout(timer)
  }, [n])
  return (
    <div class={`toast ${isShown ? 'shown' : ''}`} role="status" aria-live="polite">
      {isShown && text}
    </div>
  )
}
