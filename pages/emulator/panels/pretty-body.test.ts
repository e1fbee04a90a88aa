import { headerOf, prettyBody } from './pretty-body'

it('indents JSON, whatever its content type says', () => {
  expect(prettyBody('{"a":[1]}', 'text/plain')).toBe('{\n  "a": [\n    1\n  ]\n}')
})

it('lists the fields of a form', () => {
  expect(prettyBody('grant_type=x&scope=a%20b', 'application/x-www-form-urlencoded')).toBe(
    'grant_type = x\nscope = a b',
  )
})

it('leaves alone what it does not know', () => {
  expect(prettyBody('[1234 bytes]', 'image/png')).toBe('[1234 bytes]')
  expect(prettyBody('')).toBe('')
})

it('finds a header whatever its case', () => {
  expect(headerOf({ 'Content-Type': 'a' }, 'content-type')).toBe('a')
  expect(headerOf({}, 'content-type')).toBeUndefined()
})
