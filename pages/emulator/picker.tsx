import { useRef } from 'preact/hooks'
import { useWords } from '../shared/i18n'
import { Button, Dialog, Field } from '../shared/parts'
import { labelOf, pickedParams, pickerBound, tapOf } from './action'
import type { Json } from './read'
import { words } from './words'

interface PickerProps {
  /** A datetimepicker action; absent: nothing is picked. */
  action: Json | undefined
  /** What goes into the postback; undefined when nothing was picked. */
  onPicked: (params: Json | undefined) => void
}

const inputs = { date: 'date', time: 'time', datetime: 'datetime-local' } as const

/** The browser's own picker, inside the bounds that the action sets. */
export function Picker({ action, onPicked }: PickerProps) {
  const t = useWords(words)
  const input = useRef<HTMLInputElement>(null)
  const tap = action && tapOf(action)
  const mode = tap?.to === 'pick' ? tap.mode : 'datetime'
  const bounds = {
    min: pickerBound(action?.min),
    max: pickerBound(action?.max),
    defaultValue: pickerBound(action?.initial),
  }
  const given = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined))
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    onPicked(pickedParams(mode, input.current?.value ?? ''))
  }
  return (
    <Dialog open={action !== undefined} title={t('pick')} onClose={() => onPicked(undefined)}>
      <form onSubmit={submit}>
        <Field label={action ? labelOf(action) : ''}>
          <input ref={input} class="input" type={inputs[mode]} required {...given} />
        </Field>
        <div class="dialog-buttons">
          <Button onClick={() => onPicked(undefined)}>{t('cancel')}</Button>
          <Button type="submit" look="primary">
            {t('pickOk')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
