import type { messagingApi } from '@line/bot-sdk'
import type { NativeMessage } from '#libs/contract'
import type { LineworksContent, LineworksFlex } from './lineworks-content'
import type { LineworksFlexBubble } from './lineworks-flex'
import { mention, withoutTags } from './lineworks-mention'
import { native } from './native'
import { render } from './render'
import { thrownBy } from './rules.test.support'

test('native messages carry their platform and the object', () => {
  expect(native.lineworks({ type: 'text', text: `${mention('u1')} さん` })).toEqual({
    type: 'native',
    platform: 'lineworks',
    message: { type: 'text', text: '<m userId="u1"> さん' },
  })
  expect(native.tocaro({ text: '復旧', color: 'success' })).toEqual({
    type: 'native',
    platform: 'tocaro',
    message: { text: '復旧', color: 'success' },
  })
})

test('native messages are checked when made and when rendered', () => {
  const invalid = { code: 'message_invalid' }
  expect(thrownBy(() => native.lineworks({ type: 'text', text: '' }))).toMatchObject(invalid)
  expect(thrownBy(() => native.tocaro({}))).toMatchObject(invalid)
  const plain = (platform: 'lineworks' | 'tocaro', message: Record<string, unknown>) =>
    thrownBy(() => render({ type: 'native', platform, message }, { platform }))
  expect(plain('lineworks', { type: 'text', text: '' })).toMatchObject(invalid)
  expect(plain('tocaro', { text: '' })).toMatchObject(invalid)
  expect(plain('lineworks', { type: 'something new' })).toBeUndefined()
})

describe('foreign text', () => {
  test.each(['<m userId="all">', 'やあ <M userId="u1">', '< m userId="u1">', '<m\nuserId="u1">'])(
    '%j mentions nobody',
    (foreign) => {
      const [content] = render({ type: 'text', text: foreign }, { platform: 'lineworks', kind: 'channel' })
      expect(content!.text).not.toMatch(/<\s*m\s/i)
      expect(String(content!.text).replaceAll('\u200B', '')).toBe(foreign)
    },
  )

  test('is neutralised once, and only where it looks like a tag', () => {
    expect(withoutTags(withoutTags('<m x'))).toBe('<\u200Bm x')
    expect(withoutTags('a < b <main> <i>')).toBe('a < b <main> <i>')
  })

  test.each(['', 'a b', 'a"b', 'a>b'])('is no user id: %j', (id) => {
    expect(thrownBy(() => mention(id))).toMatchObject({ code: 'message_invalid' })
  })
})

// Never run: what the compiler must refuse, and what it must let through.
export function types(
  flex: messagingApi.FlexMessage,
  bubble: messagingApi.FlexBubble,
  line: NativeMessage<'line'>,
  content: Exclude<LineworksContent, LineworksFlex>,
) {
  native.lineworks(content)
  native.lineworksFlex({
    altText: 'x',
    contents: {
      type: 'bubble',
      size: 'kilo',
      body: {
        type: 'box',
        layout: 'vertical',
        paddingAll: '12px',
        contents: [
          { type: 'text', text: 'x', weight: 'bold', color: '#ff0000', margin: 'md' },
          { type: 'button', action: { type: 'message', label: 'x', text: 'y', postback: 'z' } },
        ],
      },
    },
  })
  native.lineworksFlex({
    altText: 'x',
    contents: {
      type: 'bubble',
      body: { type: 'box', layout: 'vertical', contents: [{ type: 'text', text: 'x' }] },
    },
  } as const)
  // @ts-expect-error a flex message of LINE
  native.lineworks(flex)
  // @ts-expect-error a flex message of LINE that would be one of LINE WORKS too
  native.lineworks({ type: 'flex', altText: 'x', contents: { type: 'bubble' } })
  // @ts-expect-error a flex message of LINE
  native.lineworksFlex(flex)
  // @ts-expect-error a bubble of LINE
  native.lineworksFlex({ altText: 'x', contents: bubble })
  // @ts-expect-error a size of LINE
  native.lineworksFlex({ altText: 'x', contents: { type: 'bubble', size: 'deca' } })
  const picker = { type: 'datetimepicker', label: 'x', data: 'd', mode: 'date' } as const
  // @ts-expect-error LINE WORKS has no datetime picker
  native.lineworks({ type: 'button_template', contentText: 'x', actions: [picker] })
  // @ts-expect-error a message that was made for LINE
  native.lineworks(line)
  // @ts-expect-error a post of Tocaro
  native.lineworks({ text: 'x', color: 'info' })
  const postback = { type: 'postback', label: 'x', data: 'd' } as const
  // @ts-expect-error no postback in button templates
  native.lineworks({ type: 'button_template', contentText: 'x', actions: [postback] })
  const url = 'https://e.com/a.png'
  const urls = { previewImageUrl: url, originalContentUrl: url }
  native.lineworks({ type: 'image', ...urls })
  // @ts-expect-error an image has one source
  native.lineworks({ type: 'image', ...urls, fileId: 'f' })
  const row = { title: 'x' }
  // @ts-expect-error a fifth row
  native.lineworks({ type: 'list_template', elements: [row, row, row, row, row] })
  const own: LineworksFlexBubble = { type: 'bubble' }
  const eleven = [own, own, own, own, own, own, own, own, own, own, own] as const
  // @ts-expect-error an eleventh bubble
  native.lineworksFlex({ altText: 'x', contents: { type: 'carousel', contents: eleven } })
  // @ts-expect-error an unknown color
  native.tocaro({ text: 'x', color: 'red' })
  // @ts-expect-error an attachment is a line or a picture
  native.tocaro({ attachments: [{ title: 'x' }] })
  // @ts-expect-error an object that is no LINE WORKS content
  native.tocaro({ type: 'text', text: 'x' })
}
