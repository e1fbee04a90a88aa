import { ApiError } from './api'
import { problemWords } from './problem-words'

const changed = new ApiError('changed', 'You saw 3, but now it would be 2.', 409)

test('Japanese by the code, English by the server', () => {
  expect(problemWords(changed, 'ja')).toMatch(/件数が変わった/)
  expect(problemWords(changed, 'en')).toBe('You saw 3, but now it would be 2.')
})

test('a code that nobody knows is told in the server’s words, also in Japanese', () => {
  expect(problemWords(new ApiError('new_one', 'Something else.', 400), 'ja')).toBe('Something else.')
  expect(problemWords(new Error('broken'), 'ja')).toBe('broken')
})
