export { checkMessages, render } from './render'
export type { Recipient } from './render'
