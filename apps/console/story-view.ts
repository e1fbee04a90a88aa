import type { Story } from '#libs/contract'
import type { Masked, StoryView } from './api-types'

/** What a console shows of a story before a reveal. */
export function storyView({ text, answers, ...story }: Story): StoryView {
  return {
    ...story,
    ...(text === undefined ? {} : { text: masked(text) }),
    answers: answers.map(({ text: said, ...answer }) => ({
      ...answer,
      ...(said === undefined ? {} : { text: masked(said) }),
    })),
  }
}

/** The number of characters as a person counts them, all but. */
export function masked(text: string): Masked {
  return { masked: Array.from(text).length }
}
