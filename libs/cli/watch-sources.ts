import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const everyMs = 400
/** A bot file in a home folder must not make us walk through all of it. */
const mostFiles = 1000
const isSource = (name: string) => /\.([cm]?[jt]s|json)$/.test(name) && !/\.test\.\w+$/.test(name)
const isSkipped = (name: string) => /^(\..*|node_modules|dist|build|coverage)$/.test(name)

/**
 * Tells of sources in a folder and below it that were changed, added or removed; tests do not count. Looks at them
 * again and again: unlike the notices of the operating system that works with every editor, mount and container.
 */
export function watchSources(folder: string, onChange: (path: string) => void): () => void {
  let before = snapshot(folder)
  const timer = setInterval(() => {
    const now = snapshot(folder)
    const [changed] = difference(before, now)
    before = now
    if (changed !== undefined) onChange(changed)
  }, everyMs)
  return () => clearInterval(timer)
}

function difference(before: Map<string, string>, now: Map<string, string>): string[] {
  const paths = new Set([...before.keys(), ...now.keys()])
  return [...paths].filter((path) => before.get(path) !== now.get(path))
}

/** Path → what changes when the file does. */
function snapshot(folder: string): Map<string, string> {
  const files = new Map<string, string>()
  const folders = [folder]
  for (
    let current = folders.pop();
    current !== undefined && files.size < mostFiles;
    current = folders.pop()
  ) {
    for (const entry of entriesOf(current)) {
      if (isSkipped(entry.name)) continue
      const path = join(current, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else if (isSource(entry.name) && files.size < mostFiles) files.set(path, stateOf(path))
    }
  }
  return files
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** An editor may be about to replace it. */
function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : 'gone'
}
