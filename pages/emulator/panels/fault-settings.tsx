import { useId, useState } from 'preact/hooks'
import { duration } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import type { FaultChoice, FaultSort } from './fault-kinds'
import { panelWords } from './fault-words'
import { platformNames } from './platform-names'

interface SettingsProps {
  sort: FaultSort
  choice: FaultChoice
  onChange: (choice: FaultChoice) => void
}

const durations = [10_000, 60_000, 300_000, undefined]
const delays = [500, 1000, 5000, 30_000]

export function FaultSettings({ sort, choice, onChange }: SettingsProps) {
  const t = useWords(panelWords)
  const language = useLanguage()
  const length = (ms: number | undefined) => (ms === undefined ? t('untilOff') : duration(ms, language))
  const ownDelay = (ms: number | undefined) => (ms === undefined ? t('delayOwn') : duration(ms, language))
  return (
    <div class="fault-settings">
      {sort.platforms.length > 1 && (
        <Choice
          label={t('platform')}
          options={['all', ...sort.platforms] as const}
          chosen={choice.platform}
          words={(each) => (each === 'all' ? t('all') : platformNames[each])}
          onChoose={(platform) => onChange({ ...choice, platform })}
        />
      )}
      <Choice
        label={t('lasts')}
        options={durations}
        chosen={choice.durationMs}
        words={length}
        onChoose={(ms) => onChange({ ...choice, durationMs: ms })}
      />
      {sort.delayMs !== undefined && (
        <Choice
          label={t('delay')}
          options={sort.delayMs === null ? [undefined, ...delays] : delays}
          chosen={choice.delayMs}
          words={ownDelay}
          onChoose={(ms) => onChange({ ...choice, delayMs: ms })}
        />
      )}
      {sort.hasRate && (
        <Rate percent={choice.percent} onChange={(percent) => onChange({ ...choice, percent })} />
      )}
    </div>
  )
}

interface ChoiceProps<T> {
  label: string
  options: readonly T[]
  chosen: T
  words: (option: T) => string
  onChoose: (option: T) => void
}

/** Radio buttons in a row: the arrow keys work as everywhere. */
function Choice<T>({ label, options, chosen, words, onChoose }: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={String(option)}>
            <input type="radio" name={name} checked={option === chosen} onChange={() => onChoose(option)} />
            <span>{words(option)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Rate({ percent, onChange }: { percent: number; onChange: (percent: number) => void }) {
  const t = useWords(panelWords)
  const [shown, setShown] = useState(percent)
  return (
    <label class="choice rate">
      <span>
        {t('rate')} <output>{shown}%</output>
      </span>
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={shown}
        onInput={(event) => setShown(event.currentTarget.valueAsNumber)}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </label>
  )
}
