import type { Overview } from '../../apps/console/api-types'
import { useWords } from '../shared/i18n'
import { Choice } from './bits'
import { useData } from './use-data'
import { common } from './words'

/** One of the bots there are, or all. */
export function BotChoice({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (bot: string) => void
}) {
  const c = useWords(common)
  const overview = useData<Overview>('/overview')
  const names = new Set(overview.data?.bots.map(({ bot }) => bot))
  // What the address names is a choice, also before the list is there.
  if (value) names.add(value)
  const options = [...names].sort().map((name) => ({ value: name, label: name }))
  return (
    <Choice
      label={c('bot')}
      value={value}
      options={[{ value: '', label: c('allBots') }, ...options]}
      onChange={onChange}
    />
  )
}
