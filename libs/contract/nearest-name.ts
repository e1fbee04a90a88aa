import { distance } from 'fastest-levenshtein'

/** The right name that `wrong` is most like, unless more than half of it differs. Spelling style does not count. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, ...difference(wrong, name) })).sort((a, b) => a.edits - b.edits)
  const [best] = ranked
  return best && best.edits <= best.length / 2 ? best.name : undefined
}

/** "Did you mean …", or the whole choice where nothing is near. */
export function suggestion(wrong: string, names: readonly string[]): string {
  const nearest = nearestName(wrong, names)
  return nearest === undefined ? `Known names: ${names.join(', ')}` : `Did you mean ${nearest}?`
}

function difference(a: string, b: string): { edits: number; length: number } {
  const [x, y] = [plain(a), plain(b)]
  return { edits: distance(x, y), length: Math.max(x.length, y.length) }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}
