import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What a configuration is made from, beside the tables. */
export interface Surroundings {
  env: Record<string, string | undefined>
  cwd: string
  readFile: (path: string) => string
}

export function readTextFile(path: string): string {
  return readFileSync(path, 'utf8')
}

export type FileText = { text: string } | { code: string }

/** The text of a secret's file, without a byte order mark and without one line break at its end. */
export function readSecretFile(path: string, { cwd, readFile }: Surroundings): FileText {
  const file = tryRead(resolve(cwd, path), readFile)
  return 'text' in file ? { text: file.text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '') } : file
}

/** Reads a file, or says why it can't: the code of the operating system. */
export function tryRead(path: string, readFile: (path: string) => string): FileText {
  try {
    return { text: readFile(path) }
  } catch (error) {
    const coded = typeof error === 'object' && error !== null && 'code' in error
    return { code: coded ? String(error.code) : 'unreadable' }
  }
}
