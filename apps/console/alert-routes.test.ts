import { Redis } from 'ioredis'
import { createLogger } from '#libs/observability'
import { alertReadings, createChannels, startAlerts } from '#libs/alerts'
import { botOverview, settingsOf, startReceiver } from '../../libs/alerts/alerts.test.support'
import { eventually } from '../../tests/support/eventually'
import { testRedisUrl } from '../../tests/support/redis'
import { alertRoutes } from './alert-routes'
import type { AlertsView } from './api-types'
import { fakeAudit, serveRoutes } from './routes.test.support'

test('what runs is shown, without addresses; a test is for operators, written down, and says what came of it', async () => {
  // A database of its own: the alerts of all bots stand together.
  const redis = new Redis(`${testRedisUrl()}/${(Number(process.env['JEST_WORKER_ID'] ?? '1') % 15) + 1}`)
  await redis.flushdb()
  const [webhook, slack] = [await startReceiver(), await startReceiver()]
  slack.status = 404
  const settings = settingsOf({ ALERT_WEBHOOK_URL: webhook.url, ALERT_SLACK_URL: slack.url })
  const log = createLogger({ name: 'test', level: 'silent' })
  const channels = createChannels(settings, redis, log)
  const read = jest.fn(() =>
    Promise.resolve(alertReadings({ bots: [botOverview()], journal: { events: 0, bytes: 0, maxBytes: 1 } })),
  )
  const alerts = startAlerts({ redis, read, channels, settings, log })
  const { audit, entries } = fakeAudit()
  const site = await serveRoutes(alertRoutes({ alerts, audit }))
  // It looks by itself.
  await eventually(() => expect(read).toHaveBeenCalled())

  const before = await site.get('/alerts')
  expect((before.body as AlertsView).rules).toHaveLength(10)
  expect(before.body).toMatchObject({ firing: [], past: [] })
  const answer = await site.post('/alerts/test')
  const host = new URL(slack.url).host
  expect(answer.body).toEqual({
    results: [
      { kind: 'webhook', ok: true },
      { kind: 'slack', ok: false, error: `${host} answered 404.` },
    ],
  })
  expect(webhook.taken).toMatchObject([{ status: 'test', title: 'Test' }])
  expect(entries).toMatchObject([{ action: 'test_alert', user: 'ann' }])
  const after = await site.get('/alerts')
  expect((after.body as AlertsView).channels[1]).toMatchObject({ lastError: `${host} answered 404.` })
  expect(JSON.stringify([before, answer, after])).not.toContain('secret-PATH')

  site.caller.role = 'viewer'
  expect((await site.post('/alerts/test')).status).toBe(403)
  expect((await site.get('/alerts')).status).toBe(200)

  await alerts.close()
  expect(await redis.exists('{hookline-alerts}:lease')).toBe(0)
  await site.close()
  await webhook.close()
  await slack.close()
  await redis.quit()
})
