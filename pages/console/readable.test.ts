import { readable } from './readable'

test('what turns the direction or can not be seen is written out', () => {
  expect(readable('a\u202Egnp.exe\u0007')).toBe('a⟨U+202E⟩gnp.exe⟨U+0007⟩')
})

test('lines, tabs and all languages stay as they are', () => {
  const text = 'こんにちは\n\t<img src=x onerror=alert(1)> שלום 👩‍👩‍👧'
  expect(readable(text)).toBe(text)
})
