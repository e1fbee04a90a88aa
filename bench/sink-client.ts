import { type Bench, type Program, startProgram } from './bench'
import type { Place } from './pinning'

export interface Sink extends Program {
  /** Calls so far: monotonic milliseconds, and the label at the begin of the text. */
  calls(): Promise<[at: number, label: string][]>
  /** Resolves when there are so many. */
  reached(calls: number): Promise<void>
  forget(): Promise<void>
}

export async function startSink(
  bench: Bench,
  { dir, place = 'generator', delayMs = 0 }: { dir: string; place?: Place; delayMs?: number },
): Promise<Sink> {
  const env = { SINK_DELAY_MS: String(delayMs) }
  const program = await startProgram(bench, { name: 'sink', script: 'bench/sink.js', place, dir, env })
  return {
    ...program,
    calls: async () => (await (await fetch(program.url)).json()) as [number, string][],
    reached: async (calls) => {
      await (await fetch(`${program.url}/?calls=${calls}`)).text()
    },
    forget: async () => {
      await (await fetch(program.url, { method: 'DELETE' })).text()
    },
  }
}
