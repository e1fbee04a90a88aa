import type { PlatformName, Target } from '#libs/contract'
import { render } from '#libs/messages'
import { portable } from '../messages/portable.test.support'
import { closeAll, setup } from './emulator.test.support'

afterEach(closeAll)

const group = `C${'1'.repeat(32)}`
const user = `U${'1'.repeat(32)}`

/** How each platform is sent one message object. */
async function senders() {
  const s = await setup()
  const worksToken = (await s.worksToken()).body.access_token
  return {
    s,
    send: (platform: PlatformName, kind: Target['kind'], message: unknown) => {
      if (platform === 'line') {
        return s.line('/v2/bot/message/push', { to: kind === 'user' ? user : group, messages: [message] })
      }
      if (platform === 'tocaro') return s.tocaro('/groups/grops/messages', message)
      return s.works(`/${kind}s/${kind}-1/messages`, worksToken, { content: message })
    },
    hook: (post: unknown) => s.call('POST', '/integrations/inbound_webhook/hook0key', { body: post }),
  }
}

const places: [PlatformName, Target['kind']][] = [
  ['line', 'user'],
  ['line', 'group'],
  ['lineworks', 'user'],
  ['lineworks', 'channel'],
  ['tocaro', 'group'],
]

describe('what render makes of a portable message', () => {
  test.each(places)('is taken by %s for a %s, whatever its kind', async (platform, kind) => {
    const { s, send } = await senders()
    for (const [name, message] of Object.entries(portable)) {
      const objects = render(message, { platform, kind })
      for (const object of objects) {
        expect([name, (await send(platform, kind, object)).status]).toEqual([
          name,
          platform === 'line' ? 200 : 201,
        ])
      }
    }
    expect(s.emulator.ledger.messages().length).toBeGreaterThanOrEqual(Object.keys(portable).length)
  })

  test("is taken by Tocaro's inbound webhook, whatever its kind", async () => {
    const { hook } = await senders()
    for (const [name, message] of Object.entries(portable)) {
      const posts = render(message, { platform: 'tocaro', kind: 'group', attachments: true })
      for (const post of posts) expect([name, (await hook(post)).status]).toEqual([name, 200])
    }
  })
})
