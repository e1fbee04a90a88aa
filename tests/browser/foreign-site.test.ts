import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { type Emulator, createDevAccounts, startEmulator } from '#libs/emulator'
import { createMailbox, introduceBot } from '#libs/mailbox'
import { createLogger } from '#libs/observability'
import { connectProducer } from '#libs/redis'
import { describeInBrowser, launchChromium, withPage } from '../support/browser'
import { eventually } from '../support/eventually'
import { type RedisServer, createRedisServer } from '../support/redis-server'
import { type Service, killLeftovers, startService } from '../support/stack'

/* A real browser that is logged in to the console visits another site: elsewhere, and on another port of this machine. */

const password = 'correct horse battery'
const hostile = '<img src=x onerror=alert(1)>'
const metaKey = '{hookline:shop}:drain:meta'

describeInBrowser('another site', () => {
  let browser: Browser
  let redis: RedisServer
  let service: Service
  let emulator: Emulator
  let evil: Server

  beforeAll(async () => {
    browser = await launchChromium()
    redis = await createRedisServer()
    await redis.start()
    await redis.redis.hset(metaKey, 'version', 'bullmq')
    service = await startService('console', { REDIS_URL: redis.url, HOOKLINE_CONSOLE_PASSWORD: password })
    const { accounts } = createDevAccounts({ ingressUrl: 'http://127.0.0.1:1' })
    emulator = await startEmulator({ host: '127.0.0.1', port: 0, accounts })
    evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title>')
    }).listen(0, '127.0.0.1')
    await once(evil, 'listening')
  })
  afterAll(async () => {
    await browser.close()
    await emulator.close()
    evil.close()
    killLeftovers()
    await redis.remove()
  })

  async function logIn(page: Page): Promise<void> {
    await page.goto(`${service.url}/login?lang=en`)
    await page.fill('input[name=password]', password)
    await page.click('button[type=submit]')
    await page.waitForURL(`${service.url}/`)
  }

  const session = (page: Page) =>
    page.context().request.get(`${service.url}/api/session`, { headers: { accept: 'application/json' } })

  test.each(['127.0.0.1', 'localhost'])('on %s reads nothing and changes nothing', async (host) => {
    await withPage({ browser }, async ({ page }) => {
      await logIn(page)
      await page.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`)
      const attempts = await page.evaluate(
        async ([target, chat]) => {
          const read = async (url: string, init: RequestInit) => {
            try {
              return await (await fetch(url, { credentials: 'include', ...init })).text()
            } catch {
              return ''
            }
          }
          const json = { 'content-type': 'application/json' }
          const text = { 'content-type': 'text/plain' }
          return [
            await read(`${target}/api/session`, {}),
            await read(`${target}/api/session`, { mode: 'no-cors' }),
            await read(`${target}/logout`, { method: 'POST', mode: 'no-cors' }),
            await read(`${target}/api/bots/shop/pause`, { method: 'POST', body: '{}', headers: json }),
            await read(`${target}/api/bots/shop/pause`, { method: 'POST', mode: 'no-cors', body: '{}' }),
            await read(`${target}/queues/api/queues/shop.drain/pause`, { method: 'PUT' }),
            await read(`${target}/queues/api/queues/shop.drain/pause`, { method: 'POST', mode: 'no-cors' }),
            await read(`${chat}/__emulator/page/state`, {}),
            await read(`${chat}/__emulator/page/state`, { mode: 'no-cors' }),
            await read(`${chat}/__emulator/faults`, {
              method: 'POST',
              mode: 'no-cors',
              body: '{}',
              headers: text,
            }),
          ]
        },
        [service.url, emulator.url] as const,
      )
      expect(attempts).toEqual(attempts.map(() => ''))
      await page.setContent(`<form method="post" action="${service.url}/logout"></form>`)
      await page.evaluate('document.forms[0].submit()')
      await page.waitForURL(`${service.url}/logout`)
      expect((await session(page)).status()).toBe(200)
      expect(await redis.redis.hexists(metaKey, 'paused')).toBe(0)
    })
  })

  test('what a user sends is text in the console and in the queues, and the policy has nothing to forbid', async () => {
    const log = createLogger({ name: 'test', level: 'silent' })
    const producer = connectProducer(redis.url, log)
    await eventually(() => expect(producer.status).toBe('ready'))
    await introduceBot(producer, 'shop', 'line')
    const box = createMailbox(producer, log)
    const now = Date.now()
    await box.post(
      [
        {
          ...{
            key: 'e1',
            bot: 'shop',
            platform: 'line',
            type: 'text',
            text: hostile,
            raw: { text: hostile },
          },
          ...{
            conversation: { kind: 'user', id: hostile },
            userId: hostile,
            occurredAt: now,
            receivedAt: now,
          },
        },
      ],
      60_000,
    )
    await withPage({ browser }, async ({ page, troubles }) => {
      const dialogs: string[] = []
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message())
        void dialog.dismiss()
      })
      await logIn(page)
      for (const path of [
        '/conversations',
        `/conversations/shop/${encodeURIComponent(`user:${hostile}`)}`,
        '/queues/queue/shop.drain?status=latest',
      ]) {
        await page.goto(service.url + path)
        await eventually(async () => expect(await page.innerText('body')).toContain('onerror=alert(1)'))
        expect(await page.locator('img[src="x"]').count()).toBe(0)
      }
      expect(dialogs).toEqual([])
      expect(troubles.filter((trouble) => /console|script|fonts/.test(trouble))).toEqual([])
    })
    await box.close()
    producer.disconnect()
  })
})
