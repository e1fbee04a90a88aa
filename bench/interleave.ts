import type { Sample } from './statistics'

/** What was measured: subject → one sample per round. */
export type Samples = Record<string, Sample[]>

/**
 * Measures all subjects once per round, every other round in reverse order: what slows the machine down for a while
 * hits neighbours alike, and no subject always comes after the same one.
 */
export async function interleave<S extends string>(
  subjects: readonly S[],
  rounds: number,
  measure: (subject: S, round: number) => Promise<Sample>,
): Promise<Record<S, Sample[]>> {
  const samples = Object.fromEntries(subjects.map((subject) => [subject, []])) as unknown as Record<
    S,
    Sample[]
  >
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : subjects.toReversed()
    for (const subject of order) samples[subject].push(await measure(subject, round))
  }
  return samples
}
