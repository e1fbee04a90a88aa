import fs from 'node:fs'

/** Loaded into an ingress before its own code: every forced write to the disk takes this much longer. */
const delayMs = 300

type Callback = (error: NodeJS.ErrnoException | null) => void
type CallbackSync = (fd: number, done: Callback) => void

for (const name of ['fsync', 'fdatasync'] as const) {
  const real = fs[name] as CallbackSync
  Object.assign(fs, {
    [name]: (fd: number, done: Callback) => setTimeout(() => real(fd, done), delayMs),
  })
}

for (const name of ['fsyncSync', 'fdatasyncSync'] as const) {
  const real = fs[name]
  Object.assign(fs, {
    [name]: (fd: number) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs)
      real(fd)
    },
  })
}

/** Handles of `fs/promises` have their methods on a prototype that only an open handle shows. */
async function slowDownHandles(): Promise<void> {
  const handle = await fs.promises.open(__filename)
  const prototype = Object.getPrototypeOf(handle) as Record<'sync' | 'datasync', () => Promise<void>>
  for (const name of ['sync', 'datasync'] as const) {
    const real = prototype[name]
    prototype[name] = async function (this: unknown) {
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      return real.call(this)
    }
  }
  await handle.close()
}

void slowDownHandles()
