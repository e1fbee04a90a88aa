import { findOnPath } from '../libs/cli/dev-redis'

/**
 * Where a process of the bench runs.
 * - `server`: what is measured, on core 1.
 * - `generator`: what makes the load, what stands for the platforms, and Redis, on core 0.
 * - `anywhere`: where the number of processes is what is measured, or several are.
 */
export type Place = 'server' | 'generator' | 'anywhere'

export interface Pinning {
  /** For the page. */
  note: string
  /** The command that runs a program in its place. */
  command: (place: Place, file: string, args: string[]) => { file: string; args: string[] }
}

/** Pins where `taskset` is there and has two cores to choose from; elsewhere the system decides. */
export function createPinning(path: string | undefined, cores: number): Pinning {
  const taskset = findOnPath('taskset', path)
  if (taskset === undefined || cores < 2)
    return { note: 'nothing is pinned to a core', command: (_place, file, args) => ({ file, args }) }
  return {
    note: 'the measured process is pinned to core 1, load generator, sink and Redis to core 0 (`taskset`)',
    command: (place, file, args) =>
      place === 'anywhere'
        ? { file, args }
        : { file: taskset, args: ['-c', place === 'server' ? '1' : '0', file, ...args] },
  }
}
