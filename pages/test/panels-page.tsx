import { render } from 'preact'
import { Panels } from '../emulator/panels/panels'
import { PageContext, usePageStore } from '../emulator/store'
import { LanguageContext, storedLanguage } from '../shared/i18n'
import '../shared/tokens.css'

/** The panels by themselves, for tests/browser. */
function PanelsPage() {
  const { page } = usePageStore()
  if (!page) return null
  return (
    <LanguageContext.Provider value={storedLanguage()}>
      <PageContext.Provider value={page}>
        <main class="test-page">
          <h1 class="visually-hidden">Panels</h1>
          <h2 class="visually-hidden">Tools</h2>
          <Panels />
        </main>
      </PageContext.Provider>
    </LanguageContext.Provider>
  )
}

document.documentElement.lang = storedLanguage()
document.title = 'Panels'
const root = document.getElementById('app')
if (root) render(<PanelsPage />, root)
