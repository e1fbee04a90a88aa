import type { Browser, Page } from 'playwright-core'
import {
  describeInBrowser,
  expectAccessible,
  expectNoSidewaysScroll,
  launchChromium,
  type PageOptions,
  withPage,
} from '../support/browser'
import { bundlePage } from '../support/bundled-page'
import { eventually } from '../support/eventually'
import { type MockEmulator, startMockEmulator } from '../support/mock-emulator'
import { someExchanges, somePageState, someStories } from '../support/panel-fixtures'

describeInBrowser('the panels', () => {
  let browser: Browser
  let bundle: Awaited<ReturnType<typeof bundlePage>>
  let mock: MockEmulator

  beforeAll(async () => {
    bundle = await bundlePage('pages/test/panels-page.tsx')
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    bundle.remove()
  })
  beforeEach(async () => {
    const { folder } = bundle
    mock = await startMockEmulator({
      folder,
      state: somePageState(),
      exchanges: someExchanges(),
      stories: someStories(),
    })
  })
  afterEach(() => mock.close())

  const openPage = (options: PageOptions, run: (page: Page) => Promise<void>, expected: RegExp[] = []) =>
    withPage({ ...options, browser }, async ({ page, troubles }) => {
      await page.goto(mock.url)
      await run(page)
      expect(troubles.filter((each) => !expected.some((pattern) => pattern.test(each)))).toEqual([])
    })
  const asked = (path: string) => mock.asked.filter((each) => each.path === path)

  it('switches a fault on, counts it down, tells its hits, and ends it', () =>
    openPage({}, async (page) => {
      const slow = page.getByRole('switch', { name: 'Slow answers' })
      await page.getByRole('button', { name: 'Settings of “Slow answers”' }).click()
      await page.getByRole('radio', { name: 'Tocaro' }).check()
      await page.getByRole('radio', { name: '10 s', exact: true }).check()
      await slow.click()
      await eventually(() => {
        expect(asked('faults').map(({ body }) => body)).toEqual([
          { kind: 'slow', platform: 'tocaro', rate: 1, durationMs: 10_000, delayMs: 5000 },
        ])
      })
      await page.locator('[role=switch][aria-checked=true]').waitFor()
      await page.getByText(/^\d+ s left$/).waitFor()

      const [active] = mock.state.faults
      mock.send({ kind: 'faults', faults: [{ ...active!, hits: 3 }] })
      await page.getByText('3 hits').waitFor()

      await slow.click()
      await eventually(() => expect(mock.state.faults).toEqual([]))
      await page.getByText('Everything works').waitFor()
    }))

  it('has 429 for 10 s on all platforms at one tap, and everything off at another', () =>
    openPage({}, async (page) => {
      await page.getByRole('button', { name: '429 for 10 s' }).click()
      await page.getByText('3 on', { exact: true }).waitFor()
      expect(asked('faults').map(({ body }) => body)).toEqual(
        ['line', 'lineworks', 'tocaro'].map((platform) => ({
          kind: '429',
          platform,
          rate: 1,
          durationMs: 10_000,
        })),
      )
      await page.getByRole('button', { name: 'All off' }).click()
      await page.getByText('Everything works').waitFor()
    }))

  it('says why it did not work, in the words of the server', () =>
    openPage(
      {},
      async (page) => {
        mock.refuseNext = 'This fault is wrong.'
        await page.getByRole('switch', { name: '500 Server error' }).click()
        await page.getByRole('alert').filter({ hasText: 'This fault is wrong.' }).waitFor()
      },
      [/answer: 400 POST .*faults/],
    ))

  it('disables what only `hookline dev` can do elsewhere, and says so', () => {
    mock.state.backstage = { available: false, stories: false }
    return openPage({}, async (page) => {
      expect(await page.getByRole('switch', { name: 'Redis down' }).isDisabled()).toBe(true)
      expect(await page.getByRole('button', { name: 'Kill a worker' }).isDisabled()).toBe(true)
      expect(await page.getByText('Only with “hookline dev”').count()).toBe(2)
      await page.getByRole('tab', { name: 'The way' }).click()
      await page.getByText('can’t follow messages').waitFor()
    })
  })

  it('shows a request with its signature, as text whatever it holds, and keeps it while others come', () =>
    openPage({}, async (page) => {
      await page.getByRole('tab', { name: 'Requests' }).click()
      await page.getByRole('button', { name: /Webhook out.*text/ }).click()
      await page.getByRole('heading', { name: 'Signature' }).waitFor()
      const body = page.getByRole('region', { name: 'Request: Body' })
      expect(await body.textContent()).toContain('"text": "<b>ping</b>"')

      const [first] = someExchanges()
      mock.send({ kind: 'exchange', exchange: { ...first!, seq: 11, id: 'x11', operation: 'follow' } })
      await page.getByRole('button', { name: /follow/ }).waitFor()
      expect(await body.textContent()).toContain('ping')
    }))

  it('filters requests', () =>
    openPage({}, async (page) => {
      await page.getByRole('tab', { name: 'Requests' }).click()
      await page.getByRole('combobox', { name: 'Answer' }).selectOption('No answer')
      await page.getByText('1 of 4').waitFor()
      await page.getByRole('combobox', { name: 'Platform' }).selectOption('Tocaro')
      await page.getByText('Nothing fits this filter.').waitFor()
    }))

  it('tells the way of a message, why it waited, and follows it until it is over', () =>
    openPage({}, async (page) => {
      await page.getByRole('tab', { name: 'The way' }).click()
      await page.getByRole('button', { name: /明日の予約/ }).click()
      await page.getByText('everyone who shares this limit waits').first().waitFor()
      const names = await page.locator('.wf-groups .wf-step').allTextContents()
      expect(names.slice(-4)).toEqual(['Waited', 'Permit', 'Send', 'Delivered'])

      await page.getByRole('button', { name: /Are you there/ }).click()
      await page.getByText('The platform fails: calls are held back').waitFor()
      const done = someStories()['w-quick']!
      mock.stories.set('w-waits', done)
      await page.getByText('Received → delivered').waitFor()
    }))

  it('records, names and plays a scenario', () =>
    openPage({}, async (page) => {
      await page.getByRole('tab', { name: 'Scenario' }).click()
      await page.getByRole('button', { name: 'Record' }).click()
      await page.getByRole('button', { name: 'Stop' }).click()
      await page.getByLabel('Name').fill('A kill')
      const downloading = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download' }).click()
      expect((await downloading).suggestedFilename()).toBe('a-kill.json')

      await page.getByRole('button', { name: 'Play' }).click()
      await eventually(() => expect(asked('scenario/play')[0]?.body).toMatchObject({ name: 'A kill' }))
      mock.send({
        kind: 'scenario',
        scenario: { recording: false, steps: 0, playing: { name: 'A kill', step: 1, of: 3 } },
      })
      await page.getByText('Playing “A kill”: step 1 of 3').first().waitFor()
    }))

  it('goes from tab to tab by the arrow keys', () =>
    openPage({}, async (page) => {
      await page.getByRole('tab', { name: 'Faults' }).press('ArrowLeft')
      expect(await page.getByRole('tab', { name: 'Scenario' }).getAttribute('aria-selected')).toBe('true')
    }))

  describe.each([
    { width: 1440, language: 'en', theme: 'light' },
    { width: 390, language: 'ja', theme: 'dark' },
  ] as const)('at $width in $language, $theme', (options) => {
    it('can be used by everybody, in each panel', () =>
      openPage(options, async (page) => {
        for (let tab = 0; tab < 4; tab++) {
          await page.getByRole('tab').nth(tab).click()
          await openSomething(page, tab)
          await expectAccessible(page)
          await expectNoSidewaysScroll(page)
        }
      }))
  })

  async function openSomething(page: Page, tab: number): Promise<void> {
    if (tab === 0) {
      await page.locator('.fault-settings-button').first().click()
      await page.getByRole('switch').first().click()
      await page.locator('.fault-active').first().waitFor()
    }
    if (tab === 1) {
      await page.locator('.request-row').last().click()
      await page.locator('.exchange-part').first().waitFor()
    }
    if (tab === 2) {
      await page.locator('.way-lines button').nth(2).click()
      await page.locator('.wf-summary').waitFor()
    }
  }
})
