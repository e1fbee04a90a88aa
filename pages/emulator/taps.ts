import { useEffect, useState } from 'preact/hooks'
import type { Deed } from '../../libs/emulator/page-types'
import { useWords } from '../shared/i18n'
import { fillIn, menuWish, tapOf } from './action'
import type { Wish } from './composer'
import type { Json } from './read'
import { words } from './words'

const saidMs = 6000

/** What a phone does when something in it is tapped. */
export function useTaps({ does }: { does: (deed: Deed) => Promise<void> }) {
  const t = useWords(words)
  const { said, say } = useSaid()
  const [picking, setPicking] = useState<Json>()
  const [wish, setWish] = useState<Wish>()
  const [menuOpen, setMenuOpen] = useState(true)
  const wishFor = (what: Wish['what'], text?: string) =>
    setWish((old) => ({ what, ...(text === undefined ? {} : { text }), no: (old?.no ?? 0) + 1 }))

  const act = (action: Json, params?: Json) => {
    const text = fillIn(action)
    if (text !== undefined) wishFor('fill', text)
    const menu = menuWish(action)
    if (menu) setMenuOpen(menu === 'open')
    does({ kind: 'tap', action, ...(params ? { params } : {}) }).catch((error: unknown) => say(String(error)))
  }
  const tap = (action: Json) => {
    const found = tapOf(action)
    if (found.to === 'act') act(action)
    if (found.to === 'pick') setPicking(action)
    if (found.to === 'compose') wishFor(found.what)
    if (found.to === 'open') {
      window.open(found.href, '_blank', 'noopener,noreferrer')
      act(action)
    }
    if (found.to === 'refuse') say(t('notOpened', { uri: found.uri }))
    if (found.to === 'copy') {
      act(action)
      void copy(found.text).then(() => say(t('copied', { text: found.text })))
    }
  }
  const picked = (params: Json | undefined) => {
    if (picking && params) act(picking, params)
    setPicking(undefined)
  }
  return { tap, said, say, picking, picked, wish, menuOpen, setMenuOpen }
}

/** Words of the phone itself; they go after a while. */
function useSaid() {
  const [said, say] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => say(''), saidMs)
    return () => clearTimeout(timer)
  }, [said])
  return { said, say }
}

/** The clipboard is there on https and on this machine only; the words are shown anyhow. */
async function copy(words: string): Promise<void> {
  await (navigator.clipboard as Clipboard | undefined)?.writeText(words).catch(() => undefined)
}
