import type { ComponentType } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Route, Switch, useLocation } from 'wouter-preact'
import type { Session } from '../../apps/console/api-types'
import { type Language, LanguageContext, storeLanguage, storedLanguage } from '../shared/i18n'
import { AlertsPage } from './alerts'
import { AuditView } from './audit'
import { Loading, PageHead } from './bits'
import { BotPage } from './bot'
import { ConfigPage } from './config'
import { ConversationPage } from './conversation'
import { ConversationsPage } from './conversations'
import { DeadLetterPage } from './dead-letter'
import { DeadLettersPage } from './dead-letters'
import { HealthPage } from './health'
import { OverviewPage } from './overview'
import { DeskContext, deskOf } from './session'
import { Shell } from './shell'
import { TailPage } from './tail'
import { useData } from './use-data'

const pages: [path: string, page: ComponentType][] = [
  ['/', OverviewPage],
  ['/bots/:bot', BotPage],
  ['/conversations', ConversationsPage],
  ['/conversations/:bot/:lane', ConversationPage],
  ['/dead-letters', DeadLettersPage],
  ['/dead-letters/:bot/:id', DeadLetterPage],
  ['/tail', TailPage],
  ['/health', HealthPage],
  ['/config', ConfigPage],
  ['/alerts', AlertsPage],
  ['/audit', AuditView],
]

/** `?lang=ja` wins over what was chosen before, and is kept. */
function firstLanguage(): Language {
  const wanted = new URLSearchParams(location.search).get('lang')
  if (wanted === 'en' || wanted === 'ja') storeLanguage(wanted)
  return storedLanguage()
}

export function App() {
  const [language, setLanguage] = useState(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choose = (chosen: Language) => {
    storeLanguage(chosen)
    setLanguage(chosen)
  }
  const session = useData<Session>('/session')
  return (
    <LanguageContext.Provider value={language}>
      {session.data ? (
        <Desk session={session.data} onLanguage={choose} />
      ) : (
        <main class="starting">
          <Loading of={session}>{() => null}</Loading>
        </main>
      )}
    </LanguageContext.Provider>
  )
}

function Desk({ session, onLanguage }: { session: Session; onLanguage: (language: Language) => void }) {
  const [said, setSaid] = useState<{ words: string; n: number }>({ words: '', n: 0 })
  const desk = useMemo(() => deskOf(session, (words) => setSaid(({ n }) => ({ words, n: n + 1 }))), [session])
  const [path] = useLocation()
  return (
    <DeskContext.Provider value={desk}>
      <Shell onLanguage={onLanguage} said={said}>
        <Switch>
          {pages.map(([pattern, Page]) => (
            <Route key={pattern} path={pattern}>
              <Page key={path} />
            </Route>
          ))}
          <Route>
            <NoPage />
          </Route>
        </Switch>
      </Shell>
    </DeskContext.Provider>
  )
}

function NoPage() {
  return (
    <>
      <PageHead title="404" />
      <p>
        <a href="/">Hookline</a>
      </p>
    </>
  )
}
