import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findOnPath } from '../../libs/cli/dev-redis'

const { PATH, CHROMIUM_PATH, CI } = process.env
const names = ['chromium', 'chromium-browser', 'google-chrome']

/** Chromium's program, if there is one on this machine. */
export const chromiumPath: string | undefined =
  CHROMIUM_PATH ?? names.map((name) => findOnPath(name, PATH)).find((path) => path !== undefined)

const missing = `no Chromium: none of ${names.join(', ')} is on the PATH, and CHROMIUM_PATH is not set`
let skipped = 0

/** Without Chromium these suites are skipped, each with a counted line that says why; in CI they fail instead. */
export const describeInBrowser = ((name: string, suite: () => void) => {
  if (chromiumPath || CI) return describe(name, suite)
  process.stderr.write(`Browser suite ${++skipped} skipped, "${name}": ${missing}\n`)
  return describe.skip(`${name} (skipped: ${missing})`, suite)
}) as (name: string, suite: () => void) => void

export async function launchChromium(): Promise<Browser> {
  if (!chromiumPath) throw new Error(missing)
  // Chromium's sandbox does not work for root, and is not given up for anybody else.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: chromiumPath, headless: true, args })
}

export interface PageOptions {
  /** One that is open already; else one is started for this page. */
  browser?: Browser
  width?: number
  height?: number
  language?: 'en' | 'ja'
  theme?: 'light' | 'dark'
}

/** A page, and all that went wrong on it. */
export interface Visit {
  page: Page
  context: BrowserContext
  /** Errors on the console and of scripts, breaches of the content security policy, requests that failed or were answered 4xx or 5xx. */
  troubles: string[]
}

/** Opens a page as one person would see it, and closes everything afterwards. */
export async function withPage(options: PageOptions, run: (visit: Visit) => Promise<void>): Promise<void> {
  const { width = 1440, height = 900, language = 'en', theme = 'light' } = options
  const browser = options.browser ?? (await launchChromium())
  try {
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === 'ja' ? 'ja-JP' : 'en-GB',
      timezoneId: 'Asia/Tokyo',
      colorScheme: theme,
    })
    const page = await context.newPage()
    await run({ page, context, troubles: troublesOf(page) })
    await context.close()
  } finally {
    if (!options.browser) await browser.close()
  }
}

function troublesOf(page: Page): string[] {
  const troubles: string[] = []
  page.on('console', (message) => {
    // A failed request is told below, with its address. Chromium tells a breach of the policy here, as an error.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      troubles.push(`console: ${message.text()}`)
    }
  })
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // Leaving a page ends its streams.
    if (why !== 'net::ERR_ABORTED') troubles.push(`request: ${request.method()} ${request.url()} ${why}`)
  })
  page.on('response', (response) => {
    if (response.status() < 400) return
    troubles.push(`answer: ${response.status()} ${response.request().method()} ${response.url()}`)
  })
  return troubles
}

/** Fails with what axe finds against WCAG 2.2 AA and its own best practices, and where. */
export async function expectAccessible(page: Page, within?: string): Promise<void> {
  const builder = new AxeBuilder({ page })
  const { violations } = await (within === undefined ? builder : builder.include(within)).analyze()
  const told = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
  }))
  expect(told).toEqual([])
}

/** The page is not wider than its window: nobody has to scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(over).toBeLessThanOrEqual(0)
}
