import { fillIn, labelOf, menuWish, pickedParams, pickerBound, safeHref, tapOf } from './action'

test.each([
  ['https://example.com/a?b=1#c', 'https://example.com/a?b=1#c'],
  ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000/'],
  ['tel:+81312345678', 'tel:+81312345678'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['line://ti/p/@id', 'line://ti/p/@id'],
])('%s is opened', (uri, href) => {
  expect(safeHref(uri)).toBe(href)
})

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' \tjavascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://example.com/1',
  '//example.com',
  '/relative',
  '',
])('%j is not opened', (uri) => {
  expect(safeHref(uri)).toBeUndefined()
})

test('what a tap leads to', () => {
  expect(tapOf({ type: 'uri', uri: 'https://example.com/' })).toEqual({
    to: 'open',
    href: 'https://example.com/',
  })
  expect(tapOf({ type: 'uri', linkUri: 'javascript:alert(1)' })).toEqual({
    to: 'refuse',
    uri: 'javascript:alert(1)',
  })
  expect(tapOf({ type: 'uri', uri: 5 })).toEqual({ to: 'refuse', uri: '5' })
  expect(tapOf({ type: 'clipboard', clipboardText: 'a' })).toEqual({ to: 'copy', text: 'a' })
  expect(tapOf({ type: 'copy', copyText: 'b' })).toEqual({ to: 'copy', text: 'b' })
  expect(tapOf({ type: 'datetimepicker', mode: 'time' })).toEqual({ to: 'pick', mode: 'time' })
  expect(tapOf({ type: 'cameraRoll' })).toEqual({ to: 'compose', what: 'image' })
  expect(tapOf({ type: 'location' })).toEqual({ to: 'compose', what: 'location' })
  expect(tapOf({ type: 'postback', data: 'x' })).toEqual({ to: 'act' })
  expect(tapOf({})).toEqual({ to: 'act' })
})

test('picked moments have the form of LINE', () => {
  expect(pickedParams('datetime', '2026-05-06T07:08:00')).toEqual({ datetime: '2026-05-06T07:08' })
  expect(pickedParams('date', '2026-05-06')).toEqual({ date: '2026-05-06' })
  expect(pickedParams('time', '07:08')).toEqual({ time: '07:08' })
  expect(pickerBound('2026-05-06t07:08')).toBe('2026-05-06T07:08')
  expect(pickerBound(undefined)).toBeUndefined()
})

test('a postback may open the keyboard with a text, or the menu', () => {
  expect(fillIn({ inputOption: 'openKeyboard', fillInText: 'Name: ' })).toBe('Name: ')
  expect(fillIn({ fillInText: 'Name: ' })).toBeUndefined()
  expect(menuWish({ inputOption: 'closeRichMenu' })).toBe('close')
  expect(menuWish({ inputOption: 'openRichMenu' })).toBe('open')
  expect(menuWish({})).toBeUndefined()
})

test('labels: in the reader’s language, else the own one, else what is said', () => {
  const action = { type: 'message', label: 'Yes', i18nLabels: [{ language: 'ja_JP', label: 'はい' }] }
  expect(labelOf(action, 'ja')).toBe('はい')
  expect(labelOf(action, 'en')).toBe('Yes')
  expect(labelOf({ type: 'message', text: 'said' })).toBe('said')
  expect(labelOf({ type: 'uri' })).toBe('uri')
})
