import type { Story } from '#libs/contract'
import type { SentEvent } from './page-chat'
import { botOf, storyOf } from './page-story'
import type { Stories } from './page-types'

const story = (id: string, receivedAt: number, userId: string) => ({ id, receivedAt, userId }) as Story

/** Stories of one lane of the bot `shop`, latest first. */
function stories(...known: Story[]): Stories {
  const isHere = (bot: string, lane: string) => bot === 'shop' && lane === 'group:g1'
  return {
    story: async (bot, lane, id) => (isHere(bot, lane) ? known.find((each) => each.id === id) : undefined),
    ofLane: async (bot, lane) => (isHere(bot, lane) ? known : []),
  }
}

const sent: SentEvent = {
  ...{ platform: 'tocaro', conversation: { kind: 'group', id: 'g1' }, userId: 'us1' },
  ...{ startedAt: 1000, endedAt: 1100 },
}

test('LINE’s event id names the story', async () => {
  const known = stories(story('01EVENT', 5, 'U1'))
  expect((await storyOf({ ...sent, platform: 'line', eventId: '01EVENT' }, 'shop', known))?.id).toBe(
    '01EVENT',
  )
  expect(await storyOf({ ...sent, platform: 'line', eventId: '01OTHER' }, 'shop', known)).toBeUndefined()
})

test('elsewhere it is the one that was received while the webhook was under way, of the same user', async () => {
  const known = stories(
    story('later', 1101, 'us1'),
    story('mine', 1060, 'us1'),
    story('other', 1050, 'us2'),
    story('earlier', 999, 'us1'),
  )
  expect((await storyOf(sent, 'shop', known))?.id).toBe('mine')
  expect((await storyOf({ ...sent, userId: 'us9' }, 'shop', known))?.id).toBe('other')
  expect(await storyOf({ ...sent, startedAt: 2000, endedAt: 2100 }, 'shop', known)).toBeUndefined()
  expect(await storyOf(sent, 'another', known)).toBeUndefined()
})

test('the bot’s name stands in the webhook’s path', () => {
  expect(botOf('http://127.0.0.1:3000/webhooks/help%20desk', 'line')).toBe('help desk')
  expect(botOf('https://example.com/events', 'tocaro')).toBe('tocaro')
})
