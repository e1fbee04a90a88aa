import { execFile } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { findOnPath } from '../../libs/cli/dev-redis'
import { launchChromium, withPage } from './browser'

/** One picture: `docs/images/NAME-WIDTH-LANGUAGE-THEME.png`. */
export interface Shot {
  name: string
  url: string
  /** Before the picture: logs in, types, waits until all is there. */
  prepare?: (page: Page) => Promise<void>
  width: number
  /** Of the window. Default: a usual one for the width. */
  height?: number
  language: 'en' | 'ja'
  theme: 'light' | 'dark'
}

/** The same view in all widths, languages and themes. */
export function everyWay(view: Pick<Shot, 'name' | 'url' | 'prepare' | 'height'>): Shot[] {
  return [1440, 1024, 390].flatMap((width) =>
    (['en', 'ja'] as const).flatMap((language) =>
      (['light', 'dark'] as const).map((theme): Shot => ({ ...view, width, language, theme })),
    ),
  )
}

/** Takes them one after the other in one browser, and tells each with its size. Fails where a page had troubles. */
export async function takeScreenshots(shots: readonly Shot[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await launchChromium()
  try {
    for (const shot of shots) {
      const { name, width, language, theme } = shot
      const height = shot.height ?? (width < 600 ? 844 : 900)
      const file = join(folder, `${name}-${width}-${language}-${theme}.png`)
      await withPage({ browser, width, height, language, theme }, async ({ page, troubles }) => {
        await page.goto(shot.url)
        await shot.prepare?.(page)
        writeFileSync(file, await page.screenshot({ animations: 'disabled', caret: 'hide' }))
        if (troubles.length > 0) throw new Error(`${file}: ${troubles.join('; ')}`)
      })
      await shrink(file)
      console.log(`${file} ${Math.ceil(statSync(file).size / 1024)} KiB`)
    }
  } finally {
    await browser.close()
  }
}

/** To a palette of 256 colours where `pngquant` is there: a third of the size, and the eye sees no difference. */
async function shrink(file: string): Promise<void> {
  const program = findOnPath('pngquant', process.env['PATH'])
  if (!program) return
  await promisify(execFile)(program, ['--force', '--strip', '--output', file, '256', file])
}
