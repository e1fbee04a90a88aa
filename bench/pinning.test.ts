import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPinning } from './pinning'

const folder = mkdtempSync(join(tmpdir(), 'hookline-pinning-'))
const taskset = join(folder, 'taskset')
writeFileSync(taskset, '')
chmodSync(taskset, 0o755)

test('server and generator have a core each', () => {
  const { command } = createPinning(folder, 2)
  expect(command('server', 'node', ['a.js'])).toEqual({ file: taskset, args: ['-c', '1', 'node', 'a.js'] })
  expect(command('generator', 'wrk', [])).toEqual({ file: taskset, args: ['-c', '0', 'wrk'] })
  expect(command('anywhere', 'node', ['a.js'])).toEqual({ file: 'node', args: ['a.js'] })
})

test.each([
  [folder, 1],
  ['', 8],
])('nothing is pinned with PATH %s and %d cores', (path, cores) => {
  const { note, command } = createPinning(path, cores)
  expect(note).toBe('nothing is pinned to a core')
  expect(command('server', 'node', ['a.js'])).toEqual({ file: 'node', args: ['a.js'] })
})
