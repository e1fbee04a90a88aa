// Runs before the ingress is told to stop: node wait-for-journal.mjs FOLDER SECONDS
// A pod that leaves for good, because fewer are needed, must not leave acknowledged events on its volume. While
// Redis is well the journal is empty and this ends at once. While Redis is away it waits, for a limited time, since
// a pod that only restarts drains its journal when it is back.
import { readdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const [folder, seconds] = process.argv.slice(2)
const until = Date.now() + Number(seconds) * 1000

/** Files that are not drained yet; `.damaged` ones are kept for a person and never drained. */
function filesToDrain() {
  try {
    return readdirSync(folder).filter((name) => /\.(journal|busy|ready)$/.test(name)).length
  } catch (error) {
    if (error.code === 'ENOENT') return 0
    throw error
  }
}

let left = filesToDrain()
while (left > 0 && Date.now() < until) {
  await setTimeout(250)
  left = filesToDrain()
}
// Kubernetes reports it as an event of the pod.
if (left > 0) {
  console.error(`${left} journal file(s) stay on the volume until a pod with it runs again.`)
  process.exitCode = 1
}
