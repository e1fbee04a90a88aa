import { parseArgs } from 'node:util'

export const sectionNames = [
  'ingress',
  'latency',
  'ack',
  'worker',
  'way',
  'memory',
  'steady',
  'growth',
] as const
export type SectionName = (typeof sectionNames)[number]

export interface Options {
  only: readonly SectionName[]
  rounds: number
  /** Of one measurement. */
  seconds: number
  /** How long processes are watched under a steady load. */
  minutes: number
  quick: boolean
  keep: boolean
  /** What an earlier run wrote: its sections stand for those that are not measured. */
  beside?: string
  /** Only a whole run says something about the whole. */
  writesPage: boolean
}

export const usage = `npm run bench -- [--only ${sectionNames.join('|')}]… [--rounds N] [--seconds N]
                  [--minutes N] [--beside FILE] [--quick] [--keep]`

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      beside: { type: 'string' },
      quick: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  const { quick, keep, beside } = values
  const only = values.only?.map(sectionNamed) ?? sectionNames
  return {
    ...{ only, quick, keep },
    ...(beside === undefined ? {} : { beside }),
    rounds: wholeNumber('rounds', values.rounds) ?? (quick ? 1 : 5),
    seconds: wholeNumber('seconds', values.seconds) ?? (quick ? 1 : 5),
    minutes: wholeNumber('minutes', values.minutes) ?? 2,
    writesPage: !quick && (values.only === undefined || beside !== undefined),
  }
}

function sectionNamed(name: string): SectionName {
  const found = sectionNames.find((known) => known === name)
  if (found) return found
  throw new Error(`--only ${name} is unknown. There are: ${sectionNames.join(', ')}.`)
}

function wholeNumber(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const value = Number(given)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new Error(`--${name} ${given} is not a whole number above 0.`)
}
