import { HooklineError, type PlatformName, type Sender, type Target } from '#libs/contract'
import { createSender, pushTarget } from '.'

const tokens = { get: async () => 'x', invalidate: async () => undefined }
const url = 'http://127.0.0.1:1'
const senders: Record<PlatformName, Sender> = {
  line: createSender(
    { platform: 'line', name: 'a', apiBaseUrl: url, dataApiBaseUrl: url, replyFallback: 'park' } as never,
    tokens,
  ),
  lineworks: createSender(
    {
      platform: 'lineworks',
      name: 'a',
      botId: '1',
      apiBaseUrl: url,
      serviceAccount: 'a@b',
      limits: { perMinute: 1 },
    } as never,
    tokens,
  ),
  tocaro: createSender(
    {
      platform: 'tocaro',
      name: 'a',
      apiBaseUrl: url,
      postPath: '/{group}',
      hasAccessToken: true,
      limits: { perMinute: 1 },
    } as never,
    tokens,
  ),
}

const kinds: Target['kind'][] = ['user', 'group', 'room', 'channel']
const all = (Object.keys(senders) as PlatformName[]).flatMap((platform) =>
  kinds.map((kind) => [platform, kind] as const),
)

/** Else a push would be accepted that can only be parked, or refused although it could be sent. */
test.each(all)('what %s plans for a %s is what a push may be sent to', (platform, kind) => {
  const plan = () =>
    senders[platform].plan({
      kind: 'push',
      target: { kind, id: 'X1' },
      messages: [{ type: 'text', text: 'hi' }],
    })
  const { target, problem } = pushTarget(platform, { kind, id: 'X1' })
  if (problem === undefined) expect(plan().map((call) => call.target)).toEqual([target])
  else expect(plan).toThrow(HooklineError)
})
