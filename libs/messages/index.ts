export { choicesOf } from './choices'
export type { Choice } from './choices'
export { checkMessages, render } from './render'
export type { Recipient } from './render'
