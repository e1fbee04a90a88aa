import { type DeadLetter, botPrefix, deadLetterOf, deadLetterRefs, newItem } from '#libs/mailbox'
import { testRedis, uniqueBotName } from '../../tests/support/redis'
import { replay } from './dead-letters-bulk'

test('letters of one conversation that were parked in the same millisecond are replayed as received', async () => {
  const redis = testRedis()
  const bot = uniqueBotName()
  const park = async (i: number) => {
    const target = { kind: 'user' as const, id: 'U1' }
    // Two events of each webhook.
    const times = { occurredAt: 1000 + i, receivedAt: 2000 + Math.floor(i / 2) }
    const event = { key: `e${i}`, bot, platform: 'line' as const, conversation: target, raw: {}, ...times }
    const item = newItem({ ...event, type: 'text', text: 'ping' }, 1)
    const reason = { reason: 'rejected', explanation: '' }
    const letter: DeadLetter = { ...deadLetterOf(bot, 'user:U1', item, reason), parkedAt: 5000 }
    await redis.hset(`${botPrefix(bot)}:dead-letters`, letter.id, JSON.stringify(letter))
    await redis.zadd(`${botPrefix(bot)}:dead-letter-times`, letter.parkedAt, letter.id)
  }
  try {
    for (let i = 0; i < 10; i++) await park(i)
    const refs = await deadLetterRefs(redis, [bot])
    const desk = { redis, refs, look: { width: 80, now: 9000, idLength: 8 }, print: () => undefined }
    const options = { ids: [], filter: { bot }, all: false, yes: true, late: 'drop' as const }
    const terminal = { env: {}, cwd: '', input: process.stdin, out: process.stdout }
    expect(await replay(options, desk, terminal)).toBe(0)
    const lane = await redis.lrange(`${botPrefix(bot)}:lane:user:U1`, 0, -1)
    expect(lane.map((item) => item.split(' ')[0])).toEqual(Array.from({ length: 10 }, (_, i) => `e${i}`))
    // They are gone now.
    expect(await replay(options, desk, terminal)).toBe(2)
  } finally {
    await redis.quit()
  }
})
