import { lineworksLimits } from '../messages/lineworks-limits.test.support'
import { lineworksContentFault } from './lineworks-content-rules'

/** Limits that the emulator does not look at: they hold for what is shown in one language only. */
const unseen = new Set(['label in a language'])

describe("the emulator's LINE WORKS", () => {
  test.each(lineworksLimits.filter(([what]) => !unseen.has(what)))(
    'takes %s: %d at most',
    (_what, max, make) => {
      expect(lineworksContentFault({ content: make(max) })).toBeUndefined()
      expect(lineworksContentFault({ content: make(max + 1) })).toMatchObject({ code: 'INVALID_PARAMETER' })
    },
  )

  const uri = { type: 'uri', label: 'x', uri: 'https://e.com' }
  const postback = { type: 'postback', label: 'x', data: 'd' }
  const text = (change: object) => ({ type: 'text', text: 'x', ...change })
  const flex = (contents: object) => ({ type: 'flex', altText: 'x', contents })
  const column = (change: object) => ({ text: 'x', actions: [uri], ...change })
  test.each<[string, object]>([
    [
      'an image of two sources',
      { type: 'image', fileId: 'f', previewImageUrl: 'https://e.com', originalContentUrl: 'https://e.com' },
    ],
    ['an unknown language', text({ i18nTexts: [{ language: 'ja', text: 'x' }] })],
    ['a postback in a list', { type: 'list_template', elements: [{ title: 'x', action: postback }] }],
    [
      'a cover without picture',
      { type: 'list_template', elements: [{ title: 'x' }], coverData: { title: 'x' } },
    ],
    ['unequal columns', { type: 'carousel', columns: [column({}), column({ title: 'x' })] }],
    ['an aspect ratio of its own', { type: 'carousel', imageAspectRatio: '2:1', columns: [column({})] }],
    ['a column that is no object', { type: 'carousel', columns: ['x'] }],
    [
      'a datetime picker',
      { type: 'carousel', columns: [column({ actions: [{ type: 'datetimepicker', label: 'x' }] })] },
    ],
    ['a quick reply that is no object', text({ quickReply: [] })],
    [
      'two icons of a quick reply',
      text({ quickReply: { items: [{ action: uri, imageUrl: 'https://e.com', imageResourceId: 'r' }] } }),
    ],
    ["a bubble of LINE's size", flex({ type: 'bubble', size: 'deca' })],
    ['a video in a flex', flex({ type: 'bubble', hero: { type: 'video' } })],
    [
      'bubbles of two sizes',
      flex({ type: 'carousel', contents: [{ type: 'bubble' }, { type: 'bubble', size: 'nano' }] }),
    ],
    ['a box without layout', flex({ type: 'bubble', body: { type: 'box', contents: [] } })],
  ])('refuses %s', (_what, content) => {
    expect(lineworksContentFault({ content })).toMatchObject({ code: 'INVALID_PARAMETER' })
  })

  test('misses the text of a quick reply postback, and an image of a column', () => {
    const quickReply = { items: [{ action: postback }] }
    expect(lineworksContentFault({ content: text({ quickReply }) })).toMatchObject({
      code: 'MISSING_PARAMETER',
    })
    const columns = [{ action: uri }]
    expect(lineworksContentFault({ content: { type: 'image_carousel', columns } })).toMatchObject({
      code: 'MISSING_PARAMETER',
    })
  })

  test('takes one action of a row and a list of one', () => {
    const list = (action: unknown) => ({
      content: { type: 'list_template', elements: [{ title: 'x', action }] },
    })
    expect(lineworksContentFault(list(uri))).toBeUndefined()
    expect(lineworksContentFault(list([uri]))).toBeUndefined()
  })
})
