import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import type { Shot } from '../support/take-screenshots'
import { everyWay, takeScreenshots } from '../support/take-screenshots'
import { type Scene, startScene } from './scene'

/** What docs/images shows: docs/screens.md, and the two READMEs. */
function shotsOf({ emulator, console, password, conversation, deadLetter }: Scene): Shot[] {
  const inside = (then: (page: Page) => Promise<void>) => async (page: Page) => {
    await page.locator('input[name=password]').fill(password)
    await page.locator('button[type=submit]').click()
    await then(page)
  }
  return [
    // High enough for the plots and the forecast of the bot in trouble.
    ...everyWay({ name: 'console-overview', url: console, prepare: inside(untilDrawn), height: 1280 }),
    ...everyWay({ name: 'console-conversation', url: console + conversation, prepare: inside(openWay) }),
    ...everyWay({ name: 'console-dead-letter', url: console + deadLetter, prepare: inside(untilDrawn) }),
    ...everyWay({ name: 'emulator', url: emulator, prepare: untilPhonesAreThere }),
  ]
}

/** All that a page asks for at its start is there. */
async function untilDrawn(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await page.waitForLoadState('load')
  await page.waitForFunction('!document.querySelector("[aria-busy=true]")')
  await page.waitForLoadState('networkidle')
}

async function openWay(page: Page): Promise<void> {
  await untilDrawn(page)
  await page.locator('details.story summary').first().click()
  await page.locator('details.story[open] .waterfall').waitFor()
}

async function untilPhonesAreThere(page: Page): Promise<void> {
  await page.getByRole('tablist').first().waitFor()
  await page.locator('.log').first().waitFor()
}

/** `node dist/tests/browser/screenshots.js [--only PART-OF-NAME] [--to FOLDER]`: of a stack of its own. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, to: { type: 'string', default: 'docs/images' } },
  })
  const scene = await startScene()
  // No process of the stack outlives an interrupted run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void scene.stop().finally(() => process.exit(130)))
  try {
    const shots = shotsOf(scene)
    const wanted = shots.filter(({ name, width, language, theme }) =>
      `${name}-${width}-${language}-${theme}`.includes(values.only),
    )
    await takeScreenshots(wanted, values.to)
  } finally {
    await scene.stop()
  }
}

if (require.main === module) void main()
