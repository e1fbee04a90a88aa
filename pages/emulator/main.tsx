import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import '../shared/tokens.css'
import { LanguageContext, storedLanguage, storeLanguage, type Language } from '../shared/i18n'
import { Shell } from './shell'
import { PageContext, usePageStore } from './store'

function App() {
  const { page, connected } = usePageStore()
  const [language, setLanguage] = useState<Language>(storedLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choose = (chosen: Language) => {
    storeLanguage(chosen)
    setLanguage(chosen)
  }
  return (
    <LanguageContext.Provider value={language}>
      <PageContext.Provider value={page}>
        <Shell page={page} connected={connected} onLanguage={choose} />
      </PageContext.Provider>
    </LanguageContext.Provider>
  )
}

const root = document.getElementById('app')
if (root) render(<App />, root)
