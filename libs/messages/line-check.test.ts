import { HooklineError } from '#libs/contract'
import { checkLineAction, checkLineMessage } from './line-check'
import { actionEdges, edges, flex, mention, part, text, v2, video } from './line-edges.test.support'
import type { LineMessage } from './line-types'
import { nativeLine } from './native-line'

const thrownBy = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

const invalid = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'message_invalid', message: expect.stringMatching(message) })

describe('what LINE takes', () => {
  test.each(edges)('%s', (_limit, allowed, refused, error) => {
    expect(thrownBy(() => checkLineMessage(allowed))).toBeUndefined()
    expect(thrownBy(() => checkLineMessage(refused))).toEqual(invalid(error))
  })

  test.each(actionEdges)('%s of an action', (_limit, place, allowed, refused, error) => {
    const label = { label: 'Tap' }
    expect(thrownBy(() => checkLineAction({ ...label, ...allowed }, place))).toBeUndefined()
    expect(thrownBy(() => checkLineAction({ ...label, ...refused }, place))).toEqual(invalid(error))
  })

  test.each(['camera', 'cameraRoll', 'location'])('%s in quick replies only', (type) => {
    expect(thrownBy(() => checkLineAction({ type, label: 'x' }, 'quickReply'))).toBeUndefined()
    for (const place of ['template', 'imageCarousel', 'flex', 'flexButton', 'richmenu', 'default'] as const)
      expect(thrownBy(() => checkLineAction({ type, label: 'x' }, place))).toEqual(
        invalid(/is for quick replies only/),
      )
  })

  test('richmenuswitch in rich menus only', () => {
    const action = { type: 'richmenuswitch', richMenuAliasId: 'a', data: 'x', label: 'x' }
    for (const place of ['template', 'imageCarousel', 'flex', 'flexButton', 'quickReply', 'default'] as const)
      expect(thrownBy(() => checkLineAction(action, place))).toEqual(invalid(/is for rich menus only/))
  })

  test('mentions in groups and rooms, tracking ids in one-to-one chats', () => {
    const called = v2('{a}', { a: mention })
    const tracked = video({ trackingId: 't' })
    for (const kind of ['group', 'room'] as const) {
      expect(thrownBy(() => checkLineMessage(called, 'message', { kind }))).toBeUndefined()
      expect(thrownBy(() => checkLineMessage(tracked, 'message', { kind }))).toEqual(
        invalid(/trackingId: can't be used in a/),
      )
    }
    expect(thrownBy(() => checkLineMessage(called, 'message', { kind: 'user' }))).toEqual(
      invalid(/^message\.substitution\.a: is a mention; LINE takes it in groups and rooms only\.$/),
    )
    expect(thrownBy(() => checkLineMessage(tracked, 'message', { kind: 'user' }))).toBeUndefined()
  })
})

describe('the error', () => {
  test('names the path it was given, three problems at most, and no text', () => {
    const secret = 'the-secret-of-somebody'.repeat(300)
    const message = { ...text({ text: secret }), sender: { name: secret, iconUrl: secret }, quoteToken: 1 }
    const error = thrownBy(() => checkLineMessage(message, 'messages[2]')) as HooklineError
    expect(error.message).toContain('messages[2].text: has 6600 characters')
    expect(error.message).toMatch(/, and 2 more\.$/)
    expect(error.message).not.toContain('secret')
    expect(error).toBeInstanceOf(HooklineError)
  })
})

describe('what LINE may have added', () => {
  test('passes: fields anywhere, and types unless they are to be refused', () => {
    const fields = text({ sparkle: true, sender: { name: 'x', mood: 'good' } })
    const hologram = { type: 'hologram' }
    const inner = part({ type: 'hologram' })
    for (const message of [fields, hologram, inner])
      expect(thrownBy(() => checkLineMessage(message))).toBeUndefined()
    expect(thrownBy(() => checkLineMessage({}))).toEqual(invalid(/message\.type: is missing/))
    const strict = { unknownTypes: 'refuse' } as const
    expect(thrownBy(() => checkLineMessage(fields, 'message', strict))).toBeUndefined()
    expect(thrownBy(() => checkLineMessage(hologram, 'message', strict))).toEqual(
      invalid(/^message\.type: is "hologram", which is not known here\.$/),
    )
    expect(thrownBy(() => checkLineMessage(inner, 'message', strict))).toEqual(
      invalid(/contents\.body\.contents\[0\]\.type: is "hologram"/),
    )
  })

  test('does not hide what is wrong beside it', () => {
    const message = flex({ type: 'bubble', hero: { type: 'hologram' }, size: 'huge' })
    expect(thrownBy(() => checkLineMessage(message))).toEqual(invalid(/size: is "huge"/))
  })
})

describe('nativeLine', () => {
  const message: LineMessage = { type: 'text', text: 'Hello', sender: { name: 'Cony' } }

  test('makes a message for LINE, of a copy of what it was given', () => {
    const made = nativeLine(message)
    expect(made).toEqual({ type: 'native', platform: 'line', message })
    expect(made.message).not.toBe(message)
  })

  test('refuses what LINE would refuse', () => {
    expect(thrownBy(() => nativeLine({ ...message, text: '' }))).toEqual(invalid(/^message\.text: is empty/))
    expect(thrownBy(() => nativeLine({ type: 'hologram' } as unknown as LineMessage))).toEqual(
      invalid(/hologram/),
    )
  })
})
