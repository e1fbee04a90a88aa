import { thrownBy } from './rules.test.support'
import { tocaroLimits } from './tocaro-limits.test.support'
import { checkTocaroPost } from './tocaro-post'

describe('the limits of Tocaro', () => {
  test.each(tocaroLimits)('%s: %d at most', (_what, max, make, field) => {
    expect(thrownBy(() => checkTocaroPost(make(max)))).toBeUndefined()
    expect(thrownBy(() => checkTocaroPost(make(max + 1)))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringContaining(`${field}: `),
    })
  })

  test.each<[string, unknown, RegExp]>([
    ['nothing to say', {}, /neither text nor an attachment/],
    ['no attachment and no text', { attachments: [] }, /neither text nor an attachment/],
    ['an empty text', { text: '' }, /^text: is empty/],
    [
      'an unknown color',
      { text: 'x', color: 'red' },
      /^color: is "red"; Tocaro takes "info", "warning", "danger", "success"/,
    ],
    [
      'a picture by http',
      { attachments: [{ image_url: 'http://e.com/a.png' }] },
      /takes a URL that begins with https:/,
    ],
    ['a title without value', { attachments: [{ title: 'x' }] }, /attachments\[0\]\.value: is missing/],
    ['an empty attachment', { attachments: [{}] }, /^attachments\[0\]: Give either/],
    ['a mention that is no code', { text: 'x', mentions: [1] }, /^mentions\[0\]: is 1/],
    ['something else than an object', 'hi', /is "hi"; it must be an object/],
  ])('refuse %s', (_what, post, words) => {
    expect(thrownBy(() => checkTocaroPost(post))).toMatchObject({
      code: 'message_invalid',
      message: expect.stringMatching(words),
    })
  })

  test.each(['info', 'warning', 'danger', 'success'])('allow the color %s', (color) => {
    expect(thrownBy(() => checkTocaroPost({ text: 'x', color }))).toBeUndefined()
  })
})
