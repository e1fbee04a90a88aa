import { checkLineMessage } from '../messages/line-check'
import { actionEdges, edges, link, mention, v2, video } from '../messages/line-edges.test.support'
import { lineMessageDetails } from './line-message-rules'

// The emulator judges by rules of its own. The table is that of the checks a bot author meets: both must agree on it.

/** The place that the author's checks name. */
function placeOf(message: object): string {
  try {
    checkLineMessage(message, 'messages[1]')
    return 'nowhere'
  } catch (error) {
    return (error as Error).message.split(': ')[0] ?? ''
  }
}

/** An action in each kind of place. */
const placed = {
  template: (action: object) => ({
    type: 'template',
    altText: 'x',
    template: { type: 'buttons', text: 'x', actions: [action] },
  }),
  imageCarousel: (action: object) => ({
    type: 'template',
    altText: 'x',
    template: { type: 'image_carousel', columns: [{ imageUrl: 'https://example.com', action }] },
  }),
  flex: (action: object) => ({
    type: 'flex',
    altText: 'x',
    contents: { type: 'bubble', hero: { type: 'image', url: 'https://example.com', action } },
  }),
  quickReply: (action: object) => ({
    type: 'text',
    text: 'x',
    quickReply: { items: [{ type: 'action', action }] },
  }),
}

describe('the rules of LINE messages', () => {
  test.each(edges)('%s', (_limit, allowed, refused) => {
    expect(lineMessageDetails([allowed])).toEqual([])
    const details = lineMessageDetails([allowed, refused])
    expect(details).toEqual([{ property: expect.any(String), message: expect.stringMatching(/./) }])
    expect(details[0]?.property.startsWith(placeOf(refused))).toBe(true)
  })

  test.each(actionEdges.filter(([, place]) => place === 'template'))(
    '%s of an action',
    (_limit, _place, allowed, refused) => {
      expect(lineMessageDetails([placed.template({ label: 'x', ...allowed })])).toEqual([])
      const details = lineMessageDetails([placed.template({ label: 'x', ...refused })])
      expect(details).toEqual([
        {
          property: expect.stringMatching(/^messages\[0\]\.template\.actions\[0\]\./),
          message: expect.any(String),
        },
      ])
    },
  )

  test.each(['camera', 'cameraRoll', 'location'])('%s in quick replies only', (type) => {
    const action = { type, label: 'x' }
    expect(lineMessageDetails([placed.quickReply(action)])).toEqual([])
    for (const make of [placed.template, placed.imageCarousel, placed.flex])
      expect(lineMessageDetails([make(action)])).toHaveLength(1)
  })

  test('no richmenuswitch in a message', () => {
    const action = { type: 'richmenuswitch', richMenuAliasId: 'a', data: 'x', label: 'x' }
    for (const make of Object.values(placed)) {
      expect(lineMessageDetails([make(link)])).toEqual([])
      expect(lineMessageDetails([make(action)])).toHaveLength(1)
    }
  })

  test('mentions in groups and rooms, tracking ids in one-to-one chats', () => {
    const called = [v2('{a}', { a: mention })]
    const tracked = [video({ trackingId: 't' })]
    expect(lineMessageDetails(called, 'group')).toEqual([])
    expect(lineMessageDetails(called, 'user')).toHaveLength(1)
    expect(lineMessageDetails(tracked, 'user')).toEqual([])
    expect(lineMessageDetails(tracked, 'room')).toHaveLength(1)
  })

  test('100 substitutions', () => {
    const named = (count: number) =>
      v2('x', Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, { type: 'new' }])))
    const places = (count: number) => lineMessageDetails([named(count)]).map(({ property }) => property)
    expect(places(100)).not.toContain('messages[0].substitution')
    expect(places(101)).toContain('messages[0].substitution')
  })

  test('no list of something else', () => {
    for (const messages of [undefined, [], ['x'], [null], Array(6).fill({ type: 'text', text: 'x' })])
      expect(lineMessageDetails(messages)).toHaveLength(1)
    expect(lineMessageDetails([{ type: 'text', text: 'x', quickReply: { items: ['x'] } }])).toEqual([
      { property: 'messages[0].quickReply.items[0]', message: expect.any(String) },
    ])
  })
})
