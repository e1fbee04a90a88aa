/** What a text is known by wherever it turns up: conversation and number, `c07/3`. */
export function labelOf(conversation: number, sequence: number): string {
  return `c${String(conversation).padStart(2, '0')}/${sequence}`
}

/** All labels in anything that can be written as JSON, one per text that carries one. */
export function labelsIn(value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.match(/\bc\d{2,}\/\d+/g) ?? []
}
