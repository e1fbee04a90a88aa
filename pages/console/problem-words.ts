import { type Language, useLanguage } from '../shared/i18n'
import { ApiError } from './api'

/** By the server's code; its own words are English. */
const inJapanese: Record<string, string> = {
  unreachable: 'サーバーが応答しません。',
  unauthorized: 'ログインし直してください。',
  forbidden: 'この操作は許可されていません。閲覧者であるか、コンソールが読み取り専用になっています。',
  csrf: 'セッションが変わりました。ページを再読み込みしてください。',
  cross_site:
    'このコンソールのページからの操作と確認できませんでした。プロキシーを使う場合は CONSOLE_PUBLIC_URL を設定してください。',
  store_unavailable: '現在 Redis に接続できません。しばらくしてからもう一度お試しください。',
  not_found: '見つかりません。すでに処理または削除された可能性があります。',
  unknown_bot: 'この名前のボットはありません。',
  unknown_dead_letter: 'このデッドレターはありません。すでに再実行または破棄されています。',
  changed: '表示したときから件数が変わったため、何も行いませんでした。一覧を確認してもう一度お試しください。',
  invalid: '入力内容を確認してください。',
  request_invalid: '入力内容を確認してください。',
  error: '問題が発生しました。詳細はコンソールのログを確認してください。',
}

/** What went wrong, in the page's language where the code is known. */
export function problemWords(error: unknown, language: Language): string {
  const known = language === 'ja' && error instanceof ApiError ? inJapanese[error.code] : undefined
  return known ?? (error instanceof Error ? error.message : String(error))
}

export function useProblemWords(): (error: unknown) => string {
  const language = useLanguage()
  return (error) => problemWords(error, language)
}
