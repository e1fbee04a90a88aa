import { randomUUID } from 'node:crypto'
import { alertReadings, createChannels, startAlerts } from '#libs/alerts'
import { createLogger } from '#libs/observability'
import { botOverview, settingsOf } from '../../libs/alerts/alerts.test.support'
import { eventually } from '../support/eventually'
import { type Stack, killLeftovers, startStack } from '../support/stack'

let stack: Stack
beforeAll(async () => (stack = await startStack()))
afterAll(() => stack.stop())
afterAll(killLeftovers)

test('an alert comes to the chat that is set, through the lane and a worker', async () => {
  const room = randomUUID()
  const settings = settingsOf({ ALERT_ROOM: `lineworks:channel:${room}`, ALERT_LANGUAGE: 'ja' })
  const log = createLogger({ name: 'test', level: 'silent' })
  const { redis } = stack
  const channels = createChannels(settings, redis, log)
  const read = () =>
    Promise.resolve(alertReadings({ bots: [botOverview()], journal: { events: 0, bytes: 0, maxBytes: 1 } }))
  const alerts = startAlerts({ redis, read, channels, settings, log })
  expect(await alerts.test()).toEqual([{ kind: 'room', ok: true }])
  await eventually(() => {
    const said = stack.emulator.ledger
      .messages({ platform: 'lineworks', conversation: room })
      .flatMap(({ messages }) => messages ?? [])
    expect(JSON.stringify(said)).toContain('Hookline のアラートはここに届きます')
  })
  await alerts.close()
})
