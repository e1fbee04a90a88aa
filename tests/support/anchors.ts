const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

export const withoutCode = (text: string) => text.replace(/^ *```.*?^ *```/gms, '')

/** As GitHub makes them from headings, and those written out. */
export function anchorsOf(text: string): string[] {
  const plain = withoutCode(text)
  const headings = all(plain, /^#{1,6} +(.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replace(/ /g, '-'),
  )
  return [...headings, ...all(plain, /<a id="([^"]+)">/g)]
}
