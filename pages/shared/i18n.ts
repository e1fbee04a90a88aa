import { createContext } from 'preact'
import { useContext } from 'preact/hooks'

export type Language = 'en' | 'ja'
export const languages: readonly Language[] = ['en', 'ja']

const key = 'hookline.language'

/** What was chosen here before, else what the browser asks for. */
export function storedLanguage(): Language {
  const chosen = localStorage.getItem(key)
  if (chosen === 'en' || chosen === 'ja') return chosen
  return navigator.language.startsWith('ja') ? 'ja' : 'en'
}

export function storeLanguage(language: Language): void {
  localStorage.setItem(key, language)
}

export const LanguageContext = createContext<Language>('en')

export function useLanguage(): Language {
  return useContext(LanguageContext)
}

/** English and Japanese of each word of a page; `{n}` is filled in, `{n|step|steps}` becomes one or the other. */
export type Words = Record<string, readonly [en: string, ja: string]>

export type Translate<W extends Words> = (word: keyof W, values?: Record<string, string | number>) => string

/** The words of a table in the page's language: `const t = useWords(words); t('waiting', { n: 3 })`. */
export function useWords<W extends Words>(words: W): Translate<W> {
  const language = useLanguage()
  return (word, values) => translate(words, { word, language, values: values ?? {} })
}

interface Wanted<W extends Words> {
  word: keyof W
  language: Language
  values: Record<string, string | number>
}

export function translate<W extends Words>(words: W, { word, language, values }: Wanted<W>): string {
  const [en, ja] = words[word] ?? [String(word), String(word)]
  const text = language === 'ja' ? ja : en
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) =>
      String((String(values[name]) === '1' ? one : many) ?? values[name] ?? whole),
  )
}
