import { createHash } from 'node:crypto'

/** What `hookline menu` writes into the name of a menu, so that it knows its own again. */
export interface Mark {
  name: string
  /** Of the menu without its image. */
  menuHash: string
  imageHash: string
}

const form = /^hookline:([a-z0-9_-]{1,32}):([0-9a-f]{12}):([0-9a-f]{12})$/

/** Users never see the name of a rich menu [doc R#rich-menu]; at most 300 characters. */
export function markOf(name: string, menu: object, imageHash: string): string {
  const menuHash = createHash('sha256').update(JSON.stringify(menu)).digest('hex').slice(0, 12)
  return `hookline:${name}:${menuHash}:${imageHash}`
}

/** Undefined for a menu that somebody else made. */
export function readMark(text: unknown): Mark | undefined {
  const [, name, menuHash, imageHash] = form.exec(String(text)) ?? []
  return name !== undefined && menuHash !== undefined && imageHash !== undefined
    ? { name, menuHash, imageHash }
    : undefined
}
