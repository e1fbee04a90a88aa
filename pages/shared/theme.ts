/** Runs before anything is drawn, as a script of its own: the page never flashes in the wrong colours. */
export type Theme = 'auto' | 'light' | 'dark'

const key = 'hookline.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

export function storedTheme(): Theme {
  const chosen = localStorage.getItem(key)
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto'
}

export function applyTheme(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'auto' && system.matches)
  document.documentElement.classList.toggle('dark', dark)
}

export function storeTheme(theme: Theme): void {
  localStorage.setItem(key, theme)
  applyTheme(theme)
}

system.addEventListener('change', () => applyTheme(storedTheme()))
applyTheme(storedTheme())
