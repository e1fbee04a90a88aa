export { failStart } from './fail'
export { closeServer, listen } from './listen'
export { runUntilSignal } from './run-process'
export type { Service } from './run-process'
