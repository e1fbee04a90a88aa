import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { PlatformName } from '#libs/contract'
import type { Json } from './read'

/** What messages need of the chat that they stand in. */
export interface Chatting {
  platform: PlatformName
  /** A button, an area, a quick reply was tapped. */
  tap: (action: Json) => void
  /** The name of a user, else the id. */
  nameOf: (userId: string) => string
  /** Names that a text may mention. */
  names: readonly string[]
  /** Pictures of other hosts are fetched too. */
  webPictures: boolean
}

export const ChattingContext = createContext<Chatting>({
  platform: 'line',
  tap: () => undefined,
  nameOf: (userId) => userId,
  names: [],
  webPictures: false,
})

export function useChatting(): Chatting {
  return useContext(ChattingContext)
}
