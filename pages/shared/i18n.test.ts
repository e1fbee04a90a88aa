import { translate } from './i18n'

const words = { steps: ['{n} {n|step|steps} of {name}', '{name} の {n} ステップ'] } as const

it('fills in, and chooses between one and several', () => {
  const said = (n: number | string, language: 'en' | 'ja' = 'en') =>
    translate(words, { word: 'steps', language, values: { n, name: 'a|b' } })
  expect(said(1)).toBe('1 step of a|b')
  expect(said('1')).toBe('1 step of a|b')
  expect(said(0)).toBe('0 steps of a|b')
  expect(said('1,000')).toBe('1,000 steps of a|b')
  expect(said(2, 'ja')).toBe('a|b の 2 ステップ')
})
