import { letters, times } from './rules.test.support'

const attachment = (change: object) => ({ attachments: [{ title: 'x', value: 'x', ...change }] })

/** All of them assumed: none is documented. */
export const tocaroLimits: [what: string, max: number, make: (n: number) => unknown, field: string][] = [
  ['text', 2000, (n) => ({ text: letters(n) }), 'text'],
  ['attachments', 10, (n) => ({ attachments: times(n, { title: 'x', value: 'x' }) }), 'attachments'],
  ['title', 100, (n) => attachment({ title: letters(n) }), 'attachments[0].title'],
  ['value', 1000, (n) => attachment({ value: letters(n) }), 'attachments[0].value'],
]
