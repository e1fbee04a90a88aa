import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe.each(['README.md', 'README.ja.md'])('%s', (file) => {
  const blocks = [...read(file).matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1])

  test('shows the bot and its test exactly as they are in bots/', () => {
    expect(blocks).toEqual([read('bots/hello.ts'), read('bots/hello.test.ts')])
  })

  test('names only settings that exist', () => {
    const known = read('docs/settings.md')
    const named = [...read(file).matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map(
      (match) => match[1] ?? '',
    )
    const unknown = named.filter((name) => !known.includes(`\`${name.replace(/_FILE$/, '')}\``))
    expect(named.length).toBeGreaterThan(20)
    expect(unknown).toEqual([])
  })
})
