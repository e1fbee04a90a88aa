import { alertDetail } from './alert-words'

test('Japanese where the number is known, else the words of the server', () => {
  const alert = { rule: 'oldest_item' as const, words: 'The oldest is 12 min old.', value: 720 }
  expect(alertDetail(alert, 'ja')).toEqual({ words: '最も古いものは 12 分待っています。', lang: 'ja' })
  expect(alertDetail(alert, 'en')).toEqual({ words: alert.words, lang: 'en' })
  expect(alertDetail({ rule: 'oldest_item', words: 'old' }, 'ja')).toEqual({ words: 'old', lang: 'en' })
  expect(alertDetail({ rule: 'redis_down' }, 'ja')).toBeUndefined()
})
