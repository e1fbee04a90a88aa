import { useEffect, useState } from 'preact/hooks'
import type { Story } from '#libs/contract'
import { usePage } from '../store'

const everyMs = 400

export interface Followed {
  story?: Story
  /** There is no trace of it yet. */
  missing?: boolean
  problem?: string
}

/** Asks for the story of a webhook again and again until it has an end. */
export function useStory(webhook: string | undefined, active: boolean): Followed {
  const { get } = usePage()
  const [followed, setFollowed] = useState<Followed>({})
  useEffect(() => setFollowed({}), [webhook])
  useEffect(() => {
    if (webhook === undefined || !active) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let ended = false
    const ask = async () => {
      const found = await askOnce(() => get(`story?webhook=${encodeURIComponent(webhook)}&none=null`))
      if (ended) return
      setFollowed((old) => (found.story ? found : { ...old, ...found }))
      if (!isOver(found.story)) timer = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      ended = true
      clearTimeout(timer)
    }
    // `get` is made anew with every state of the page.
  }, [webhook, active])
  return followed
}

/** A dead letter may be replayed: it is followed on. */
const isOver = (story: Story | undefined) => story?.state === 'done'

async function askOnce(ask: () => Promise<unknown>): Promise<Followed> {
  try {
    const story = (await ask()) as Story | null
    return story ? { story } : { missing: true }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
