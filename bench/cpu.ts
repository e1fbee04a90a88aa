import { readFileSync } from 'node:fs'

/** Linux counts the time of processes in hundredths of a second, whatever its kernel's own clock is. */
const microsPerTick = 10_000

/** utime + stime of a `/proc/PID/stat`: microseconds. */
export function parseStat(stat: string): number {
  // The second field is the program's name in parentheses, and may itself have blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick
}

/** CPU time that the processes used so far, all threads: microseconds. Not a number where there is no /proc. */
export function cpuOf(pids: number[]): number {
  try {
    return pids.reduce((sum, pid) => sum + parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')), 0)
  } catch {
    return NaN
  }
}

/** Microseconds of CPU time that the processes use from now on. */
export function startMeter(pids: number[]): () => number {
  const before = cpuOf(pids)
  return () => cpuOf(pids) - before
}

/** Resident memory of a process: bytes. */
export function residentOf(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kib) * 1024
  } catch {
    return NaN
  }
}
