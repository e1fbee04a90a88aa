import type { Story } from './contract'
import { clockTime, duration } from './format'
import { useLanguage } from './i18n'

/** Stand-in until the real one is merged: the steps as a list. */
export function Waterfall({ story }: { story: Omit<Story, 'text' | 'answers'>; now?: number }) {
  const language = useLanguage()
  return (
    <ol>
      {story.steps.map((step, index) => (
        <li key={index}>
          {clockTime(step.at, language)} {step.name} {step.operation} {step.status} {step.code}{' '}
          {step.ms === undefined ? '' : duration(step.ms, language)}
        </li>
      ))}
    </ol>
  )
}
