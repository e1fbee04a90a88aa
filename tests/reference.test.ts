import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '..')
const typedoc = join(root, 'node_modules/typedoc/bin/typedoc')

const pagesIn = (folder: string) =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )

test('the API reference is what the docstrings say: npm run docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'))
  try {
    execFileSync(process.execPath, [typedoc, '--out', folder, '--logLevel', 'Warn'], { cwd: root })
    const written = pagesIn(join(root, 'docs/reference'))
    const generated = pagesIn(folder)
    expect([...written.keys()]).toEqual([...generated.keys()])
    const old = [...generated].filter(([name, text]) => written.get(name) !== text).map(([name]) => name)
    expect(old).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
