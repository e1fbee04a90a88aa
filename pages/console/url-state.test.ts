import { path, pathPart, readQuery, timeOf, writeQuery } from './url-state'

test('a query goes to the address and back, whatever is in it', () => {
  const query = { text: '100% & <b>%41?', user: 'U1' }
  expect(readQuery(writeQuery(query))).toEqual(query)
})

test('empty fields are not in the address', () => {
  expect(writeQuery({ bot: '', user: undefined })).toBe('')
  expect(readQuery('?bot=&user=U1')).toEqual({ user: 'U1' })
})

test('a part of a path goes there and back, whatever is in it', () => {
  const lane = 'channel:7/階 %2F?#'
  expect(pathPart(path('conversations', 'shop', lane), 2)).toBe(lane)
  expect(pathPart('/bots/%E0%A4', 1)).toBe('%E0%A4')
  expect(pathPart('/bots', 1)).toBe('')
})

test('a time of a field', () => {
  expect(timeOf('2026-07-01T09:30')).toBe(new Date(2026, 6, 1, 9, 30).getTime())
  expect(timeOf('soon')).toBeUndefined()
  expect(timeOf(undefined)).toBeUndefined()
})
