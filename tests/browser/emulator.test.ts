import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import {
  describeInBrowser,
  expectAccessible,
  expectNoSidewaysScroll,
  launchChromium,
  type PageOptions,
  withPage,
} from '../support/browser'
import { type Dev, startDev } from '../support/dev'
import { eventually } from '../support/eventually'
import { root } from '../support/stack'

const phones = ['LINE', 'LINE WORKS', 'Tocaro'] as const
type PhoneName = (typeof phones)[number]

let browser: Browser
let dev: Dev

/** Opens the page of the emulator that runs, and fails with all that went wrong on it. */
const visit = (options: PageOptions, run: (page: Page) => Promise<void>) =>
  withPage({ ...options, browser }, async ({ page, troubles }) => {
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    page.setDefaultTimeout(45_000)
    await page.goto(dev.emulator)
    await run(page)
    expect([troubles, dialogs]).toEqual([[], []])
  })

const phone = (page: Page, name: PhoneName) => page.getByRole('region', { name, exact: true })

async function say(page: Page, name: PhoneName, text: string): Promise<void> {
  const box = phone(page, name).getByRole('textbox', { name: `Message to ${name}` })
  await box.fill(text)
  await box.press('Enter')
}

/** What stands in a chat, from the bot or from users. */
const bubbles = (page: Page, name: PhoneName, from: 'bot' | 'user') =>
  phone(page, name).getByRole('log').locator(`[data-from=${from}] .bubble`)

/** The bot's answers that begin so, as they stand on the screen; one that came twice counts once. */
async function answers(page: Page, name: PhoneName, beginning: string): Promise<string[]> {
  const said = await bubbles(page, name, 'bot').allInnerTexts()
  return [...new Set(said.map((each) => each.trim()).filter((each) => each.startsWith(beginning)))]
}

const numbered = (words: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${words} ${i + 1}`)

async function expectAnswered(page: Page, texts: string[], beginning: string): Promise<void> {
  for (const name of phones)
    await eventually(async () => expect(await answers(page, name, beginning)).toEqual(texts), 90_000)
}

const tool = (page: Page, name: string): Promise<void> => page.getByRole('tab', { name }).click()

/** The way of what a user said, in the panel. */
async function showWay(page: Page, name: PhoneName, text: string): Promise<Locator> {
  const line = phone(page, name).locator('[data-from=user]').filter({ hasText: text }).first()
  await line.getByRole('button', { name: /Show its way/ }).click()
  const way = page.getByRole('tabpanel', { name: 'The way' })
  await way.locator('.way-header').getByText(text, { exact: true }).waitFor()
  return way
}

describeInBrowser('the emulator’s page on `hookline dev` with the echo bot', () => {
  beforeAll(async () => {
    browser = await launchChromium()
    dev = await startDev()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await dev.stop()
  })

  it('answers on each phone, in order through a 429, and tells the wait', () =>
    visit({}, async (page) => {
      for (const name of phones) await say(page, name, `hello ${name}`)
      for (const name of phones) await bubbles(page, name, 'bot').getByText(`hello ${name}`).waitFor()

      await page.getByRole('button', { name: '429 for 10 s' }).click()
      await page.getByText('3 on', { exact: true }).waitFor()
      for (const text of numbered('patience', 3)) for (const name of phones) await say(page, name, text)
      await phone(page, 'LINE').getByText('LINE refused reply: 429').first().waitFor()
      await page
        .getByText(/^[1-9]\d* hits?$/)
        .first()
        .waitFor()

      const way = await showWay(page, 'LINE', 'patience 1')
      await way.getByText('waiting', { exact: true }).waitFor()
      await expectAnswered(page, numbered('patience', 3), 'patience')
      await way.getByText('Received → delivered').waitFor()
      await way.getByText('The platform said 429: everyone who shares this limit waits.').first().waitFor()
      const waits = way.getByRole('listitem').filter({ hasText: 'Waited' })
      expect((await waits.allInnerTexts()).join(' ')).toMatch(/\d s/)
      await tool(page, 'Faults')
      await page.getByText('Everything works').waitFor()
    }))

  it('answers every message, in order, although a worker is killed in the middle of a burst', () =>
    visit({}, async (page) => {
      const burst = numbered('burst', 6)
      const kill = page.getByRole('button', { name: 'Kill a worker' })
      for (const [i, text] of burst.entries()) {
        for (const name of phones) await say(page, name, text)
        if (i === 2) await kill.click()
      }
      await page.getByText(/killed 1 times?/).waitFor()
      await expectAnswered(page, burst, 'burst')
    }))

  it('shows markup as text, whoever brings it', () =>
    visit({}, async (page) => {
      const markup = '<img src=x onerror=alert(1)>'
      for (const name of phones) {
        await say(page, name, markup)
        await bubbles(page, name, 'user').getByText(markup, { exact: true }).waitFor()
        await bubbles(page, name, 'bot').getByText(markup, { exact: true }).waitFor()
      }
      await addOnLine(page, 'user', markup)
      await say(page, 'LINE', 'from a user with that name')
      await bubbles(page, 'LINE', 'bot').getByText('from a user with that name').waitFor()
      await addOnLine(page, 'room', markup)
      await say(page, 'LINE', markup)
      await bubbles(page, 'LINE', 'bot').getByText(markup, { exact: true }).waitFor()

      const way = await showWay(page, 'LINE', markup)
      await way.getByText('Received → delivered').waitFor()
      await tool(page, 'Requests')
      await page
        .getByRole('button', { name: /Webhook out/ })
        .first()
        .click()
      await page.getByRole('heading', { name: 'Signature' }).waitFor()
      await page.getByRole('region', { name: 'Request: Body' }).getByText(markup).waitFor()
      // Also after all of it was loaded anew.
      await page.reload()
      await bubbles(page, 'LINE WORKS', 'bot').getByText(markup, { exact: true }).waitFor()
      expect(await page.locator('img[src="x"], img[src$="/x"], [onerror]').count()).toBe(0)
    }))

  async function addOnLine(page: Page, what: 'user' | 'room', name: string): Promise<void> {
    await page.getByRole('button', { name: 'People and rooms on LINE', exact: true }).click()
    const add = page.getByRole('dialog').locator('form', { hasText: `Add a ${what}` })
    await add.getByLabel('Name').fill(name)
    await add.getByRole('button', { name: `Add a ${what}` }).click()
    const chat = phone(page, 'LINE').getByRole('combobox', { name: 'Conversation on LINE' })
    await eventually(async () => {
      expect(await chat.locator('option:checked').textContent()).toBe(name)
      const lane = await chat.inputValue()
      expect(lane.startsWith(what === 'user' ? 'user:' : 'group:')).toBe(true)
    })
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  }
})

describeInBrowser('the emulator’s page with a bot that has things to tap', () => {
  beforeAll(async () => {
    browser = await launchChromium()
    dev = await startDev({ bot: join(root, 'tests/support/taps-bot.ts') })
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await dev.stop()
  })

  const heard = (page: Page, name: PhoneName, text: string) =>
    bubbles(page, name, 'bot').getByText(text, { exact: true }).waitFor()

  it.each(['LINE', 'LINE WORKS'] as const)('brings taps on %s to the bot', (name) =>
    visit({}, async (page) => {
      const log = phone(page, name).getByRole('log')
      const taps = [
        ['buttons', 'Right', 'go=right'],
        ['cards', 'Buy a plum', 'buy=plum'],
        ['quick', 'Later', 'eat=later'],
        ...(name === 'LINE' ? [['flex', 'Pay now', 'pay=now'] as const] : []),
      ] as const
      for (const [text, label, data] of taps) {
        await say(page, name, text)
        await phone(page, name).getByRole('button', { name: label, exact: true }).click()
        await heard(page, name, `You chose ${data}`)
        // What the button makes the user say; one that says nothing leaves a note.
        const shown =
          text === 'flex' ? log.getByText(`Postback: ${data}`) : bubbles(page, name, 'user').getByText(label)
        await shown.waitFor()
      }
      await say(page, name, 'quick')
      await phone(page, name).getByRole('button', { name: 'Yes, please' }).click()
      await heard(page, name, 'I heard Yes, please')
      expect(await phone(page, name).getByRole('group', { name: 'Quick replies' }).count()).toBe(0)
    }),
  )

  it('takes a message back, blocks the bot, and makes friends again', () =>
    visit({}, async (page) => {
      const line = phone(page, 'LINE')
      await say(page, 'LINE', 'a mistake')
      await heard(page, 'LINE', 'I heard a mistake')
      await line.getByRole('button', { name: 'What to do with “a mistake”' }).click()
      await line.getByRole('button', { name: 'Unsend' }).click()
      await line.getByText('Taken back').waitFor()
      expect(await bubbles(page, 'LINE', 'user').getByText('a mistake').count()).toBe(0)

      const people = page.getByRole('dialog')
      await page.getByRole('button', { name: 'People and rooms on LINE', exact: true }).click()
      await people.getByRole('button', { name: 'Hanako blocks the bot' }).click()
      await people.getByText('Has blocked the bot', { exact: true }).waitFor()
      await people.getByRole('button', { name: 'Hanako adds the bot as a friend' }).click()
      await people.getByRole('button', { name: 'Close' }).click()
      await heard(page, 'LINE', 'Welcome back')
      for (const note of ['Hanako blocked the bot', 'Hanako added the bot'])
        await line.getByRole('log').getByText(note).waitFor()
    }))

  it('can be used by everybody on a phone, in Japanese and in the dark', () =>
    visit({ width: 390, height: 844, language: 'ja', theme: 'dark' }, async (page) => {
      const tabs = page.getByRole('tablist').first().getByRole('tab')
      const box = page.getByRole('textbox', { name: 'LINE へのメッセージ' })
      await box.fill('flex')
      await box.press('Enter')
      await page.getByRole('button', { name: 'Pay now' }).first().waitFor()
      for (let i = 0; i < (await tabs.count()); i++) {
        await tabs.nth(i).click()
        await expectAccessible(page)
        await expectNoSidewaysScroll(page)
      }
    }))
})
