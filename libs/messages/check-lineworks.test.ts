import { checkLineworksContent } from './check-lineworks'
import {
  bubble,
  button,
  card,
  cover,
  element,
  flex,
  inText,
  lineworksLimits,
  png,
  quick,
  uri,
} from './lineworks-limits.test.support'
import { mention } from './lineworks-mention'
import { thrownBy } from './rules.test.support'

describe('the limits of LINE WORKS', () => {
  test.each(lineworksLimits)('%s: %d at most', (_what, max, make, field) => {
    expect(thrownBy(() => checkLineworksContent(make(max)))).toBeUndefined()
    const error = thrownBy(() => checkLineworksContent(make(max + 1))) as Error
    expect(error).toMatchObject({ code: 'message_invalid' })
    expect(error.message.split(': ')[0]).toBe(field || error.message)
    expect(error.message).toContain('LINE WORKS')
  })

  const phone = { type: 'camera', label: 'x' }
  const postback = { type: 'postback', label: 'x', data: 'd' }
  test.each<[string, unknown, RegExp]>([
    ['an unknown type', { type: 'hologram' }, /^type: is "hologram"; LINE WORKS takes "text", "sticker"/],
    ['no content', 'text', /is "text"; it must be an object/],
    ['an empty text', { type: 'text', text: '' }, /^text: is empty/],
    ['a missing text', { type: 'text' }, /^text: is missing/],
    ['a number for a text', { type: 'text', text: 5 }, /^text: is 5; LINE WORKS takes a string/],
    [
      'an unknown language',
      inText({ i18nTexts: [{ language: 'ja', text: 'x' }] }),
      /language: is "ja".*ja_JP/,
    ],
    [
      'other people in another language',
      { type: 'text', text: mention('a'), i18nTexts: [{ language: 'ja_JP', text: mention('b') }] },
      /^i18nTexts\[0\]\.text: All languages must mention the same people/,
    ],
    [
      'an image by http',
      { type: 'image', previewImageUrl: png, originalContentUrl: 'http://e.com/a.png' },
      /takes a URL that begins with https:/,
    ],
    ['an image without preview', { type: 'image', originalContentUrl: png }, /^previewImageUrl: is missing/],
    [
      'an image of two sources',
      { type: 'image', previewImageUrl: png, originalContentUrl: png, fileId: 'f' },
      /Give either/,
    ],
    ['a file of none', { type: 'file' }, /Give either originalContentUrl, or fileId/],
    [
      'a sticker id that is a number',
      { type: 'sticker', packageId: 1, stickerId: '2' },
      /^packageId: is 1; LINE WORKS takes a string/,
    ],
    [
      'a latitude off the globe',
      { type: 'location', title: 'x', address: 'x', latitude: 91, longitude: 0 },
      /^latitude/,
    ],
    [
      'a postback in a button template',
      button(postback),
      /^actions\[0\]\.type: is "postback".*"message", "uri", "copy"/,
    ],
    ['a datetime picker', button({ type: 'datetimepicker', label: 'x', data: 'd' }), /"datetimepicker"/],
    ['a postback in a list', element({ action: postback }), /^elements\[0\]\.action\.type/],
    ['a cover of two pictures', cover({ backgroundFileId: 'f' }), /^coverData: Give either/],
    ['a cover without picture', { ...element({}), coverData: { title: 'x' } }, /^coverData: Give either/],
    [
      'columns with unequal actions',
      card({}, { text: 'x', actions: [uri, uri] }),
      /^columns\[1\]: .*same number of actions/,
    ],
    [
      'a title in one column only',
      card({ title: 'x' }, { text: 'x', actions: [uri] }),
      /^columns\[1\]: .*title/,
    ],
    [
      'a picture in one column only',
      card({ fileId: 'f' }, { text: 'x', actions: [uri] }),
      /^columns\[1\]: .*picture/,
    ],
    ['columns without actions', card({ actions: [] }), /^columns\[0\]\.actions: has 0 items/],
    ['a camera outside quick replies', button(phone), /^actions\[0\]\.type: is "camera"/],
    [
      'a quick reply postback that says nothing',
      quick({ action: postback }),
      /action\.displayText: is missing/,
    ],
    [
      'two icons of a quick reply',
      quick({ action: uri, imageUrl: png, imageResourceId: 'r' }),
      /only one of/,
    ],
    ['an empty quick reply', inText({ quickReply: { items: [] } }), /1 to 13/],
    ['a bubble size of LINE', flex({ ...bubble(), size: 'deca' }), /^contents\.size: is "deca"/],
    ['a video in a flex', flex(bubble({ type: 'video', url: png })), /contents\[0\]\.type: is "video"/],
    [
      'bubbles of two sizes',
      flex({ type: 'carousel', contents: [bubble(), { ...bubble(), size: 'nano' }] }),
      /^contents\.contents\[1\]\.size/,
    ],
    ['an icon outside a baseline box', flex(bubble({ type: 'icon', url: png })), /type: is "icon"/],
    [
      'a button in a baseline box',
      flex(bubble({ type: 'box', layout: 'baseline', contents: [{ type: 'button', action: uri }] })),
      /type: is "button"/,
    ],
    ['a flex text without text', flex(bubble({ type: 'text' })), /Give either text or contents/],
  ])('refuse %s', (_what, content, words) => {
    expect(thrownBy(() => checkLineworksContent(content))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringMatching(words),
    })
  })

  test.each([
    ['a postback in a carousel', card({ actions: [postback] })],
    ['a postback in a quick reply that says something', quick({ action: { ...postback, displayText: 'x' } })],
    [
      'the actions of phones in quick replies',
      inText({
        quickReply: {
          items: ['camera', 'cameraRoll', 'location'].map((type) => ({ action: { type, label: 'x' } })),
        },
      }),
    ],
    ['a default action without label', card({ defaultAction: { type: 'uri', uri: png } })],
    ['an image by file id', { type: 'image', fileId: 'jp1.1.2' }],
    [
      'all of the flex components',
      flex(
        bubble(
          { type: 'text', contents: [{ type: 'span', text: 'x' }] },
          { type: 'button', action: uri },
          { type: 'separator' },
          { type: 'filler' },
          {
            type: 'box',
            layout: 'baseline',
            contents: [
              { type: 'icon', url: png },
              { type: 'text', text: 'x' },
            ],
          },
        ),
      ),
    ],
  ])('allow %s', (_what, content) => {
    expect(thrownBy(() => checkLineworksContent(content))).toBeUndefined()
  })

  test('mention everybody in channels only', () => {
    const all = { type: 'text', text: mention('all') }
    expect(thrownBy(() => checkLineworksContent(all, '', 'channel'))).toBeUndefined()
    expect(thrownBy(() => checkLineworksContent(all, '', 'user'))).toMatchObject({ code: 'message_invalid' })
  })
})
