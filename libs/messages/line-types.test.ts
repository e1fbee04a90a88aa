import type { messagingApi as sdk } from '@line/bot-sdk'
import type {
  LineAction,
  LineFlexBubble,
  LineMessage,
  LineQuickReplyItem,
  LineRichMenuAction,
  LineTemplate,
} from './line-types'

// Most of this file is checked by tsc: each `@ts-expect-error` fails the build when its line compiles.

/** Our lists are read-only, the SDK's are not. */
type Mutable<T> = T extends readonly unknown[]
  ? Mutable<T[number]>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T
const take = (...messages: LineMessage[]): number => messages.length

const item: LineQuickReplyItem = {
  type: 'action',
  action: { type: 'message', label: 'Yes', text: 'Yes' },
}
const link: LineAction & { label: string } = { type: 'uri', label: 'Open', uri: 'https://example.com' }
const text = { type: 'text', text: 'Which one?' } as const
const bubble: LineFlexBubble = { type: 'bubble' }

describe('the types of LINE messages', () => {
  test('are assignable to those of the SDK', () => {
    const message = (value: Mutable<LineMessage>): sdk.Message => value
    const action = (value: Mutable<LineRichMenuAction>): sdk.Action => value
    expect([message, action].map((check) => check.length)).toEqual([1, 1])
  })

  test('narrow by type', () => {
    const words = (message: LineMessage) =>
      message.type === 'flex' ? message.altText : message.type === 'text' ? message.text : ''
    expect(words(text)).toBe('Which one?')
  })

  test('take lists of a length that is not known, literals within the limit, and constants', () => {
    const items = ['a', 'b'].map((label): LineQuickReplyItem => ({
      type: 'action',
      action: { type: 'postback', label, data: label },
    }))
    const constant = {
      type: 'flex',
      altText: 'Lunch',
      contents: {
        type: 'bubble',
        size: 'kilo',
        body: {
          type: 'box',
          layout: 'vertical',
          contents: [
            { type: 'text', text: 'Lunch', weight: 'bold', contents: [{ type: 'span', text: 'at noon' }] },
            { type: 'button', action: { type: 'uri', label: 'Menu', uri: 'https://example.com' } },
          ],
        },
      },
    } as const
    expect(
      take(
        { ...text, quickReply: { items } },
        { ...text, quickReply: { items: [item, item, item, item, item, item, item] } },
        {
          ...text,
          quickReply: {
            items: [item, item, item, item, item, item, item, item, item, item, item, item, item],
          },
        },
        constant,
      ),
    ).toBe(4)
  })

  test('refuse one item too many in a literal', () => {
    const tooMany: LineMessage = {
      ...text,
      quickReply: {
        // @ts-expect-error a 14th quick reply
        items: [item, item, item, item, item, item, item, item, item, item, item, item, item, item],
      },
    }
    // @ts-expect-error a fifth button
    const buttons: LineTemplate = { type: 'buttons', text: 'x', actions: [link, link, link, link, link] }
    // @ts-expect-error three answers to a yes or no
    const three: LineTemplate = { type: 'confirm', text: 'x', actions: [link, link, link] }
    // @ts-expect-error one answer to a yes or no
    const one: LineTemplate = { type: 'confirm', text: 'x', actions: [link] }
    const column = { text: 'x', actions: [link] } as const
    const columns: LineTemplate = {
      type: 'carousel',
      // @ts-expect-error an eleventh column
      columns: [column, column, column, column, column, column, column, column, column, column, column],
    }
    const { contents }: Extract<LineMessage, { type: 'flex' }> = {
      type: 'flex',
      altText: 'x',
      contents: {
        type: 'carousel',
        // @ts-expect-error a thirteenth bubble
        contents: [
          ...([bubble, bubble, bubble, bubble, bubble, bubble] as const),
          ...([bubble, bubble, bubble, bubble, bubble, bubble, bubble] as const),
        ],
      },
    }
    expect([tooMany, buttons, three, one, columns, contents]).toHaveLength(6)
  })

  test('refuse wrong fields, literals and places', () => {
    const wrong: LineMessage[] = [
      // @ts-expect-error there is no such type
      { type: 'hologram', text: 'x' },
      // @ts-expect-error texts have no altText
      { type: 'text', text: 'x', altText: 'y' },
      // @ts-expect-error an image has a preview
      { type: 'image', originalContentUrl: 'https://example.com/a.png' },
      // @ts-expect-error undefined is no value: leave the field out
      { type: 'text', text: 'x', quoteToken: undefined },
      // @ts-expect-error there is no such size
      { type: 'flex', altText: 'x', contents: { type: 'bubble', size: 'huge' } },
      {
        type: 'flex',
        altText: 'x',
        contents: {
          type: 'bubble',
          // @ts-expect-error a box has a layout
          body: { type: 'box', contents: [] },
        },
      },
      {
        type: 'template',
        altText: 'x',
        // @ts-expect-error a button has a label
        template: { type: 'buttons', text: 'x', actions: [{ type: 'message', text: 'x' }] },
      },
      {
        type: 'template',
        altText: 'x',
        // @ts-expect-error the camera is for quick replies
        template: { type: 'buttons', text: 'x', actions: [{ type: 'camera', label: 'x' }] },
      },
      // @ts-expect-error the width is 1040
      { type: 'imagemap', baseUrl: 'x', altText: 'x', baseSize: { width: 1000, height: 1 }, actions: [] },
    ]
    // @ts-expect-error only rich menus switch rich menus
    const action: LineAction = { type: 'richmenuswitch', richMenuAliasId: 'a', data: 'x' }
    // @ts-expect-error there is no such mode
    const mode: LineAction = { type: 'datetimepicker', data: 'x', mode: 'month' }
    expect([wrong.length, action.type, mode.type]).toEqual([9, 'richmenuswitch', 'datetimepicker'])
  })
})
