import type { Request } from 'express'

type Language = 'en' | 'ja'

const words = {
  en: {
    title: 'Log in',
    lead: 'The console shows what your bots are doing.',
    user: 'User',
    password: 'Password',
    submit: 'Log in',
    other: '日本語',
    wrong: 'User or password is wrong.',
    limited: (wait: string) => `Too many failed logins. Try again in ${wait}.`,
    away: 'The console can’t reach Redis at the moment. Try again shortly.',
    foreign: 'This form was sent from another site. Log in here.',
    minutes: (n: number) => (n === 1 ? '1 minute' : `${n} minutes`),
    where:
      'Where is the password? It is set as HOOKLINE_CONSOLE_PASSWORD; otherwise it was printed when the console first started.',
  },
  ja: {
    title: 'ログイン',
    lead: 'ボットの稼働状況を確認するコンソールです。',
    user: 'ユーザー',
    password: 'パスワード',
    submit: 'ログイン',
    other: 'English',
    wrong: 'ユーザーまたはパスワードが違います。',
    limited: (wait: string) =>
      `ログインの失敗が続いたため、一時的に受け付けていません。${wait}後にもう一度お試しください。`,
    away: '現在 Redis に接続できません。しばらくしてからもう一度お試しください。',
    foreign: '別のサイトから送信されたフォームです。この画面からログインしてください。',
    minutes: (n: number) => `${n} 分`,
    where:
      'パスワードは HOOKLINE_CONSOLE_PASSWORD に設定した値です。未設定の場合は、コンソールの初回起動時に表示されたものです。',
  },
} as const

export type LoginProblem = 'wrong' | 'away' | 'foreign' | { waitMs: number }

export interface LoginPage {
  language: Language
  /** Where one goes afterwards: a path of this console. */
  to: string
  user?: string
  problem?: LoginProblem
}

/** What was asked for by ?lang=, else by the browser. */
export function languageOf(request: Request): Language {
  const { lang } = request.query
  if (lang === 'en' || lang === 'ja') return lang
  return request.acceptsLanguages('en', 'ja') === 'ja' ? 'ja' : 'en'
}

export function problemWords(problem: LoginProblem, language: Language): string {
  const t = words[language]
  if (typeof problem === 'string') return t[problem]
  return t.limited(t.minutes(Math.ceil(problem.waitMs / 60_000)))
}

/** The form as a page of its own, without a script: what shows nothing needs none. */
export function loginPage({ language, to, user = 'operator', problem }: LoginPage): string {
  const t = words[language]
  const here = (lang: Language) => escaped(`/login?${new URLSearchParams({ to, lang }).toString()}`)
  const alert =
    problem === undefined ? '' : `<p class="problem" role="alert">${problemWords(problem, language)}</p>`
  return `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${t.title} · Hookline</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/login.css" />
  </head>
  <body>
    <main class="card login">
      <header>
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>Hookline</h1>
        <p>${t.lead}</p>
      </header>
      ${alert}
      <form method="post" action="${here(language)}">
        <label class="field">
          <span>${t.user}</span>
          <input class="input" name="user" value="${escaped(user)}" autocomplete="username" autocapitalize="none" spellcheck="false" required />
        </label>
        <label class="field">
          <span>${t.password}</span>
          <input class="input" name="password" type="password" autocomplete="current-password" required autofocus />
        </label>
        <button class="button primary" type="submit">${t.submit}</button>
      </form>
      <footer>
        <p>${t.where}</p>
        <a href="${here(language === 'en' ? 'ja' : 'en')}" lang="${language === 'en' ? 'ja' : 'en'}">${t.other}</a>
      </footer>
    </main>
  </body>
</html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
