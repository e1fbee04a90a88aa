import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../../tests/support/eventually'
import { watchSources } from './watch-sources'

test('tells of sources that change, come and go, and of nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hookline-watch-'))
  for (const name of ['lib', 'node_modules']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'bot.ts'), '1')
  const seen: string[] = []
  const stop = watchSources(folder, (path) => seen.push(path.slice(folder.length + 1)))
  try {
    writeFileSync(join(folder, 'node_modules/x.js'), '')
    writeFileSync(join(folder, 'bot.test.ts'), '')
    writeFileSync(join(folder, 'notes.md'), '')
    writeFileSync(join(folder, 'bot.ts'), '22')
    await eventually(() => expect(seen).toEqual(['bot.ts']))
    writeFileSync(join(folder, 'lib/prices.json'), '{}')
    await eventually(() => expect(seen).toEqual(['bot.ts', 'lib/prices.json']))
    rmSync(join(folder, 'lib'), { recursive: true })
    await eventually(() => expect(seen).toHaveLength(3))
  } finally {
    stop()
  }
})
