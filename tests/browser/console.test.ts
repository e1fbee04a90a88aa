import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import {
  type PageOptions,
  describeInBrowser,
  expectAccessible,
  expectNoSidewaysScroll,
  launchChromium,
  withPage,
} from '../support/browser'
import { type ConsoleClient, clientWith } from '../support/console-client'
import { eventually } from '../support/eventually'
import { type Service, type Stack, killLeftovers, startService, startStack } from '../support/stack'

/* The console as its users see it: the real processes, real messages, a browser. */

type Role = 'operator' | 'viewer'
const passwords = { operator: 'correct horse battery', viewer: 'look but do not touch' }
const hostile = '<img src=x onerror=alert(1)>'

/** Throws at what begins with `broken`, with the user's own words in the error, until it is mended. */
const botFile = (isMended: boolean) => `import { defineBot } from 'hookline'
export default defineBot((bot) => {
  bot.on('text', async (ctx) => {
    ${isMended ? '' : "if (ctx.text.startsWith('broken')) throw new Error('the shop is closed: ' + ctx.text)"}
    await ctx.reply('answer: ' + ctx.text)
  })
})`

describeInBrowser('the console', () => {
  let stack: Stack
  let service: Service
  let browser: Browser
  let folder: string
  let cookies: Record<Role, Awaited<ReturnType<BrowserContext['cookies']>>>
  let operator: ConsoleClient

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hookline-bot-'))
    mend(false)
    const env = { HOOKLINE_BOT: join(folder, 'bot.ts'), RETRY_ATTEMPTS: '1', HOOKLINE_TIMELINE: 'text' }
    stack = await startStack({ env })
    service = await startService('console', {
      ...stack.env,
      HOOKLINE_CONSOLE_PASSWORD: passwords.operator,
      HOOKLINE_CONSOLE_VIEWER_PASSWORD: passwords.viewer,
    })
    browser = await launchChromium()
    cookies = { operator: await logIn('operator'), viewer: await logIn('viewer') }
    const [cookie] = cookies.operator
    operator = await clientWith(service.url, `${cookie?.name ?? ''}=${cookie?.value ?? ''}`)
  })
  afterAll(async () => {
    await browser.close()
    await service.end('SIGKILL')
    await stack.stop()
    killLeftovers()
    rmSync(folder, { recursive: true })
  })

  const mend = (isMended: boolean) => writeFileSync(join(folder, 'bot.ts'), botFile(isMended))

  /** Through the form, as people do. */
  async function logIn(user: Role) {
    let saved: Awaited<ReturnType<BrowserContext['cookies']>> = []
    await withPage({ browser }, async ({ page, context, troubles }) => {
      await page.goto(`${service.url}/audit`)
      await page.getByLabel('User').fill(user)
      await page.getByLabel('Password').fill(passwords[user])
      await page.getByRole('button', { name: 'Log in' }).click()
      // One comes where one wanted to go.
      await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor()
      expect(troubles).toEqual([])
      saved = await context.cookies()
    })
    return saved
  }

  interface Opened extends PageOptions {
    role?: Role
    at?: string
    /** Troubles that the test makes on purpose. */
    expected?: RegExp
    /** The page's clock can be moved on by the test. */
    clock?: true
  }

  /** A page of somebody who is logged in. Nothing may go wrong on it, and no script of a user may run. */
  const open = (
    { role = 'operator', at = '/', expected, clock, ...options }: Opened,
    run: (page: Page) => Promise<void>,
  ) =>
    withPage({ ...options, browser }, async ({ page, context, troubles }) => {
      await context.addCookies(cookies[role])
      page.on('dialog', (dialog) => {
        troubles.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      if (clock) await page.clock.install()
      await page.goto(service.url + at)
      await run(page)
      expect(await page.locator('img[src="x"]').count()).toBe(0)
      expect(troubles.filter((each) => !expected?.test(each))).toEqual([])
    })

  const say = async (platform: 'line' | 'lineworks' | 'tocaro', text: string, user?: string) => {
    await stack.emulator.say({ platform, text, ...(user === undefined ? {} : { user }) })
  }
  const answers = (platform: 'line' | 'lineworks' | 'tocaro') =>
    stack.emulator.ledger
      .messages({ platform })
      .flatMap(({ messages = [] }) => messages.map((message) => (message as { text?: string }).text))
  const json = async <T>(path: string) => (await (await operator.get(`/api${path}`)).json()) as T
  const lettersOf = async (bot: string) =>
    (await json<{ letters: { id: string; lane: string }[] }>(`/dead-letters?bot=${bot}`)).letters
  /** One that is there, or one made now. */
  const brokenLetter = async () => {
    if ((await lettersOf('tocaro')).length === 0) await say('tocaro', `broken ${hostile}`)
    return eventually(async () => {
      const [letter] = await lettersOf('tocaro')
      if (!letter) throw new Error('no dead letter yet')
      return letter
    })
  }
  const actions = async () =>
    (await json<{ entries: { action: string; bot?: string; target?: string }[] }>('/audit')).entries

  async function restartWorker(): Promise<void> {
    await stack.workers.at(-1)?.end('SIGTERM')
    await stack.addWorker()
  }

  it('leads from the verdict to a dead letter, through its cause, to the answer after the handler is mended', async () => {
    await say('lineworks', `broken ${hostile}`)
    await eventually(async () => expect(await lettersOf('lineworks')).toHaveLength(1))
    await open({}, async (page) => {
      await page.getByRole('link', { name: 'Look at it: lineworks Dead letters' }).click()
      await page.getByRole('heading', { level: 1, name: 'Dead letters' }).waitFor()
      await page.getByText(`the shop is closed: broken ${hostile}`).waitFor()
      await page.getByRole('link', { name: 'All attempts used up' }).click()

      await page.getByRole('heading', { name: 'Cause' }).waitFor()
      expect(await page.locator('main').textContent()).toContain(`the shop is closed: broken ${hostile}`)
      await page.getByText(/Fix it, then replay/).waitFor()
      await page.locator('.wf-summary').waitFor()
      await expectAccessible(page)

      mend(true)
      await restartWorker()
      await page.getByRole('button', { name: 'Replay…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Replay 1 dead letter?' })
      await dialog.getByText(/The handler runs again for 1 event/).waitFor()
      await dialog.getByText('As far as known, nothing is billed').waitFor()
      await expectAccessible(page, 'dialog[open]')
      await dialog.getByRole('button', { name: 'Replay 1 dead letter' }).click()

      await page.getByRole('status').filter({ hasText: '1 replayed' }).waitFor()
      await page.getByText('No dead letter matches this filter.').waitFor()
      await eventually(() => expect(answers('lineworks')).toEqual([`answer: broken ${hostile}`]))
    })
    const replay = (await actions()).find(({ action }) => action === 'replay')
    expect(replay).toMatchObject({ user: 'operator', result: 'ok' })
  })

  it('discards many at once, after their number was shown', async () => {
    mend(false)
    await restartWorker()
    for (const text of ['broken 1', 'broken 2', 'broken 3']) await say('tocaro', text)
    await say('line', 'broken 4')
    await eventually(async () => {
      expect(await lettersOf('tocaro')).toHaveLength(3)
      expect(await lettersOf('line')).toHaveLength(1)
    })
    await open({ at: '/dead-letters?bot=tocaro' }, async (page) => {
      await page.getByLabel('Select all on this page').check()
      await page.getByText('3 selected').waitFor()
      await page.getByRole('button', { name: 'Discard…' }).click()
      const dialog = page.getByRole('dialog', { name: 'Discard 3 dead letters?' })
      await dialog.getByRole('button', { name: 'Discard 3 dead letters' }).click()
      await page.getByRole('status').filter({ hasText: '3 discarded' }).waitFor()
      await page.getByText('No dead letter matches this filter.').waitFor()
    })
    expect(await lettersOf('tocaro')).toEqual([])
    expect(await lettersOf('line')).toHaveLength(1)
  })

  it('says that a selection has changed, in the language of the page', async () => {
    await open({ at: '/dead-letters?bot=line', language: 'ja', expected: /answer: 409/ }, async (page) => {
      await page.getByRole('checkbox').first().check()
      await page.getByRole('button', { name: '破棄…' }).click()
      const [letter] = await lettersOf('line')
      await operator.post('/api/dead-letters/discard', {
        letters: [{ bot: 'line', id: letter?.id }],
        expect: 1,
      })
      await page.getByRole('button', { name: '1 件を破棄' }).click()
      await page.getByRole('dialog').getByText('件数が変わったため').waitFor()
    })
  })

  it('pauses a bot, shows that events wait, and resumes it', () =>
    open({}, async (page) => {
      const card = page.locator('.bot-card', { hasText: 'tocaro' })
      await card.getByRole('button', { name: 'Pause tocaro' }).click()
      await page.getByLabel('Reason (for the others, and the audit log)').fill('a test')
      await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
      await card.getByText('Paused', { exact: true }).waitFor()
      await say('tocaro', 'while paused')
      await card.getByText('1 in 1 lane', { exact: true }).waitFor()
      await card.getByText('“a test”').waitFor()
      await card.getByText(/1 waits?; the bot is paused until somebody resumes it/).waitFor()
      expect(answers('tocaro')).not.toContain('answer: while paused')

      await card.getByRole('button', { name: 'Resume tocaro' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
      await card.getByText('Works', { exact: true }).waitFor()
      await eventually(() => expect(answers('tocaro')).toContain('answer: while paused'))
    }))

  it('finds a conversation by its user, reveals what was said on the record, and erases the user', async () => {
    await say('lineworks', `hello ${hostile}`, 'jiro')
    await eventually(() => expect(answers('lineworks')).toContain(`answer: hello ${hostile}`))
    const user = await eventually(async () => {
      const { conversations } = await json<{ conversations: { lane: string }[] }>(
        '/conversations?bot=lineworks&outcome=done&limit=1',
      )
      const id = /^user:(.+)$/.exec(conversations[0]?.lane ?? '')?.[1]
      if (id === undefined) throw new Error('no conversation with a user yet')
      return id
    })
    await open({ at: '/conversations' }, async (page) => {
      await page.getByLabel('User', { exact: true }).fill(user)
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByRole('link', { name: user }).click()
      await page.locator('details.story summary').first().click()
      expect(await page.locator('main').textContent()).not.toContain(hostile)
      await page.getByRole('button', { name: 'Reveal text' }).click()
      await page.locator('.said', { hasText: `answer: hello ${hostile}` }).waitFor()
      await expectAccessible(page)

      await page.getByRole('button', { name: 'Erase user' }).click()
      const dialog = page.getByRole('dialog')
      const erase = dialog.getByRole('button', { name: 'Erase user' })
      expect(await erase.isDisabled()).toBe(true)
      await dialog.getByLabel('Type the user’s id to confirm').fill(user)
      await erase.click()
      await page.locator('details.story', { hasText: 'taken back or erased' }).waitFor()
      expect(await page.locator('main').textContent()).not.toContain(hostile)
    })
    const done = await actions()
    expect(done.find(({ action }) => action === 'reveal')).toMatchObject({ bot: 'lineworks' })
    expect(done.find(({ action }) => action === 'erase')).toMatchObject({ bot: 'lineworks', target: user })
    expect(JSON.stringify(done)).not.toContain('onerror')
  })

  it('searches by text, shows what was found as text, and writes the search down without the text', async () => {
    await say('tocaro', `search ${hostile}`)
    await eventually(() => expect(answers('tocaro')).toContain(`answer: search ${hostile}`))
    await open({ at: '/conversations' }, async (page) => {
      await page.getByLabel('Text', { exact: true }).fill(hostile)
      await page.getByRole('button', { name: 'Search' }).click()
      await page.locator('tbody tr').filter({ hasText: 'tocaro' }).first().waitFor()
      expect(new URL(page.url()).searchParams.get('text')).toBe(hostile)
    })
    // The row may have stood there before the search.
    const done = await eventually(async () => {
      const all = await actions()
      expect(all.map(({ action }) => action)).toContain('search_text')
      return all
    })
    expect(JSON.stringify(done)).not.toContain('onerror')
  })

  it('shows a dead letter’s raw event when it is revealed, as text', async () => {
    const letter = await brokenLetter()
    await open({ at: `/dead-letters/tocaro/${letter.id}` }, async (page) => {
      await page.getByRole('button', { name: 'Reveal text' }).first().click()
      const raw = page.locator('pre.raw')
      await raw.waitFor()
      expect(await raw.textContent()).toContain(hostile)
      expect(await page.locator('.said', { hasText: hostile }).count()).toBeGreaterThan(0)
    })
  })

  it('tails live what happens', () =>
    open({ at: '/tail' }, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor()
      await say('line', `tailed ${hostile}`)
      const row = page.locator('tbody tr').filter({ hasText: 'Done' }).filter({ hasText: 'line' })
      await row.first().waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      await say('line', 'held back')
      await page.getByRole('button', { name: /Go on \([1-9]\d* new\)/ }).click()
      await eventually(async () => expect(await row.count()).toBeGreaterThan(1))
    }))

  it('shows a viewer no buttons, and the server refuses what they would do', () =>
    open({ role: 'viewer', expected: /answer: 403 POST/ }, async (page) => {
      await page.locator('.bot-card').first().waitFor()
      expect(await page.locator('.stop-buttons').count()).toBe(0)
      const letter = await brokenLetter()
      await page.goto(`${service.url}/dead-letters/tocaro/${letter.id}`)
      await page.getByText('Only an operator can do this.').first().waitFor()
      const names = await page.locator('main button').allTextContents()
      expect(names.filter((name) => /Replay|Discard|Reveal/.test(name))).toEqual([])
      await page.goto(`${service.url}/dead-letters`)
      await page.locator('tbody tr').first().waitFor()
      expect(await page.locator('main input[type=checkbox]').count()).toBe(0)
      const statuses = await page.evaluate<number[]>(`(async () => {
        const { csrf } = await (await fetch('/api/session')).json()
        const post = (path, body) => fetch('/api' + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
          body: JSON.stringify(body),
        })
        const letters = [{ bot: 'tocaro', id: '${letter.id}' }]
        const asked = await Promise.all([
          post('/dead-letters/discard', { letters, expect: 1 }),
          post('/dead-letters/replay', { letters, expect: 1 }),
          post('/reveal', { bot: 'tocaro', deadLetter: '${letter.id}' }),
          post('/bots/tocaro/pause', {}),
          post('/erase', { bot: 'tocaro', userId: 'somebody' }),
        ])
        return asked.map(({ status }) => status)
      })()`)
      expect(statuses).toEqual([403, 403, 403, 403, 403])
      expect(await lettersOf('tocaro')).toHaveLength(1)
    }))

  it('does not ask the server while nobody looks', () =>
    open({ clock: true }, async (page) => {
      await page.locator('.bot-card').first().waitFor()
      await page.waitForLoadState('networkidle')
      await page.evaluate(`Object.defineProperty(document, 'hidden', { get: () => !window.isSeen })`)
      let asked = 0
      page.on('request', () => asked++)
      await page.clock.runFor(600_000)
      expect(asked).toBe(0)
      await page.evaluate(`window.isSeen = true; document.dispatchEvent(new Event('visibilitychange'))`)
      await eventually(() => expect(asked).toBeGreaterThan(0))
    }))

  const views: [path: string, ready: string][] = [
    ['/', '.bot-card'],
    ['/?view=rows', '.bot-table tbody tr'],
    ['/bots/tocaro', '.large-plots canvas'],
    ['/conversations', 'tbody tr'],
    ['/dead-letters', 'tbody tr'],
    ['/tail', '.tools select'],
    ['/health', 'main .card'],
    ['/config', 'main .card'],
    ['/alerts', 'main .card'],
    ['/audit', 'tbody tr'],
  ]

  describe.each([
    { width: 1440, language: 'en', theme: 'light' },
    { width: 390, language: 'ja', theme: 'dark' },
  ] as const)('at $width in $language, $theme', (options) => {
    it('can be used by everybody, in each view', () =>
      open(options, async (page) => {
        await brokenLetter()
        for (const [path, ready] of views) {
          await page.goto(service.url + path)
          await page.locator(ready).first().waitFor()
          await expectAccessible(page)
          await expectNoSidewaysScroll(page)
        }
      }))

    it('can be used by everybody, in a conversation and in a dead letter', async () => {
      const letter = await brokenLetter()
      const inConversation = `/conversations/tocaro/${encodeURIComponent(letter.lane)}`
      await open({ ...options, at: inConversation }, async (page) => {
        await page.locator('details.story summary').first().click()
        await page.locator('.wf-summary').first().waitFor()
        await expectAccessible(page)
        await expectNoSidewaysScroll(page)
        await page.goto(`${service.url}/dead-letters/tocaro/${letter.id}`)
        await page.locator('.wf-summary').first().waitFor()
        await expectAccessible(page)
        await expectNoSidewaysScroll(page)
      })
    })
  })
})
