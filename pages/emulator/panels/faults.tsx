import { Settings2, Skull, X, Zap } from 'lucide-preact'
import { useId, useState } from 'preact/hooks'
import type { ActiveFault } from '../../../libs/emulator/page-types'
import { duration } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import { Badge, Button, Problem } from '../../shared/parts'
import { usePage } from '../store'
import {
  activeOf,
  type FaultArea,
  type FaultChoice,
  type FaultKind,
  type FaultSort,
  faultSorts,
  firstChoice,
  requestsFor,
  secondsLeft,
} from './fault-kinds'
import { FaultSettings } from './fault-settings'
import { areaWords, faultHints, faultWords, panelWords } from './fault-words'
import { platformNames } from './platform-names'
import { useNow } from './use-now'
import { type Run, useTask } from './use-task'

const areas: readonly FaultArea[] = ['api', 'webhook', 'outage']
const presetMs = 10_000

/** Everything that can go wrong, each as a switch whose effect is told beside it. */
export function FaultPanel() {
  const { state } = usePage()
  const area = useWords(areaWords)
  const task = useTask()
  const now = useNow(state.faults.some(({ endsAt }) => endsAt !== undefined))
  const on = faultSorts.flatMap(({ kind }) => activeOf(state.faults, kind, now))
  const id = useId()
  return (
    <div class="faults">
      <FaultHeader on={on} run={task.run} />
      {task.problem && <Problem>{task.problem}</Problem>}
      <div class="fault-areas">
        {areas.map((name) => (
          <section key={name} aria-labelledby={`${id}${name}`}>
            <h3 id={`${id}${name}`}>{area(name)}</h3>
            <ul class="card fault-list">
              {faultSorts
                .filter((sort) => sort.area === name)
                .map((sort) => (
                  <FaultRow
                    key={sort.kind}
                    sort={sort}
                    active={activeOf(state.faults, sort.kind, now)}
                    now={now}
                    run={task.run}
                  />
                ))}
              {name === 'outage' && <KillRow run={task.run} />}
            </ul>
          </section>
        ))}
      </div>
    </div>
  )
}

function FaultHeader({ on, run }: { on: ActiveFault[]; run: Run }) {
  const { post, remove } = usePage()
  const t = useWords(panelWords)
  const [sort] = faultSorts
  const preset = async () => {
    if (sort) await postAll(sort, { platform: 'all', percent: 100, durationMs: presetMs }, post)
  }
  return (
    <div class="fault-header">
      <Button look="primary" onClick={() => run(preset)}>
        <Zap size={16} aria-hidden="true" />
        {t('preset')}
      </Button>
      <Button disabled={on.length === 0} onClick={() => run(() => remove('faults', {}))}>
        {t('allOff')}
      </Button>
      <span role="status">
        {on.length > 0 ? (
          <Badge tone="warn">{t('onCount', { n: on.length })}</Badge>
        ) : (
          <Badge tone="good">{t('noneOn')}</Badge>
        )}
      </span>
    </div>
  )
}

type Post = (path: string, body: unknown) => Promise<unknown>

async function postAll(sort: FaultSort, choice: FaultChoice, post: Post): Promise<void> {
  for (const request of requestsFor(sort, choice)) await post('faults', request)
}

interface FaultRowProps {
  sort: FaultSort
  active: ActiveFault[]
  now: number
  run: Run
}

function FaultRow({ sort, active, now, run }: FaultRowProps) {
  const { state, post, remove } = usePage()
  const name = useWords(faultWords)
  const hint = useWords(faultHints)
  const t = useWords(panelWords)
  const [choice, setChoice] = useState(() => firstChoice(sort))
  const [open, setOpen] = useState(false)
  const id = useId()
  const isOn = active.length > 0
  const blocked =
    sort.kind === 'redis-down' && (!state.backstage.available || state.backstage.redis === undefined)

  const end = async () => {
    for (const { fault } of active) await remove('faults', { id: fault.id })
  }
  const change = (wanted: FaultChoice) => {
    setChoice(wanted)
    // A switch that is on does at once what its settings say.
    if (isOn) {
      run(async () => {
        await end()
        await postAll(sort, wanted, post)
      })
    }
  }
  const toggle = () => run(() => (isOn ? end() : postAll(sort, choice, post)))
  return (
    <li class={`fault${isOn ? ' on' : ''}`}>
      <div class="fault-line">
        <button
          type="button"
          role="switch"
          class="switch"
          aria-checked={isOn}
          aria-labelledby={`${id}n`}
          aria-describedby={`${id}h`}
          disabled={blocked}
          onClick={toggle}
        />
        <div class="fault-text">
          <span id={`${id}n`} class="fault-name">
            {name(sort.kind)}
          </span>
          <p id={`${id}h`} class="fault-hint">
            {blocked ? t('unavailable') : hint(sort.kind)}
          </p>
        </div>
        <SettingsButton
          label={t('settings', { name: name(sort.kind) })}
          sort={sort}
          choice={choice}
          isOn={isOn}
          open={open}
          controls={`${id}s`}
          disabled={blocked}
          onClick={() => setOpen(!open)}
        />
      </div>
      <ActiveList kind={sort.kind} active={active} now={now} run={run} />
      <div id={`${id}s`} hidden={!open}>
        {open && <FaultSettings sort={sort} choice={choice} onChange={change} />}
      </div>
    </li>
  )
}

interface SettingsButtonProps {
  label: string
  sort: FaultSort
  choice: FaultChoice
  isOn: boolean
  open: boolean
  controls: string
  disabled: boolean
  onClick: () => void
}

/** Says in short what the switch will do: `LINE · 50% · 10 s`; of one that is on the list below tells it. */
function SettingsButton(props: SettingsButtonProps) {
  const { label, sort, choice, isOn, open, controls, disabled, onClick } = props
  const t = useWords(panelWords)
  const language = useLanguage()
  const short = [
    ...(sort.platforms.length > 1
      ? [choice.platform === 'all' ? t('allThatApply') : platformNames[choice.platform]]
      : []),
    ...(sort.hasRate && choice.percent < 100 ? [`${choice.percent}%`] : []),
    choice.durationMs === undefined ? t('untilOff') : duration(choice.durationMs, language),
  ]
  return (
    <button
      type="button"
      class="fault-settings-button"
      aria-expanded={open}
      aria-controls={controls}
      disabled={disabled}
      onClick={onClick}
      title={label}
    >
      <span class="visually-hidden">{label}: </span>
      {!isOn && <span>{short.join(' · ')}</span>}
      <Settings2 size={14} aria-hidden="true" />
    </button>
  )
}

/** What is on, where, for how much longer, and how often it hit. */
function ActiveList({ kind, active, now, run }: Omit<FaultRowProps, 'sort'> & { kind: FaultKind }) {
  const { remove } = usePage()
  const name = useWords(faultWords)
  const t = useWords(panelWords)
  const language = useLanguage()
  if (active.length === 0) return null
  return (
    <ul class="fault-active">
      {active.map((each) => {
        const { fault, hits } = each
        const platform = fault.platform ? platformNames[fault.platform] : 'Redis'
        const left = secondsLeft(each, now)
        return (
          <li key={fault.id}>
            <strong>{platform}</strong>
            <span class="fault-left">
              {left === undefined ? t('untilOff') : t('left', { time: duration(left * 1000, language) })}
            </span>
            {fault.kind !== 'redis-down' && (
              <span class={hits > 0 ? 'fault-hits some' : 'fault-hits'}>
                {hits === 1 ? t('hit') : t('hits', { n: hits })}
              </span>
            )}
            <button
              type="button"
              class="chip-end"
              aria-label={t('endOne', { name: name(kind), platform })}
              onClick={() => run(() => remove('faults', { id: fault.id }))}
            >
              <X size={14} aria-hidden="true" />
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** No switch: it happens once, at once. */
function KillRow({ run }: { run: Run }) {
  const { state, post } = usePage()
  const t = useWords(panelWords)
  const { available, worker } = state.backstage
  return (
    <li class="fault">
      <div class="fault-line">
        <Skull class="fault-sign" size={20} aria-hidden="true" />
        <div class="fault-text">
          <span class="fault-name">{t('kill')}</span>
          <p class="fault-hint">{available ? t('killHint') : t('unavailable')}</p>
          {available && (
            <p class="fault-worker" role="status">
              {worker ? t('workerPid', { pid: worker.pid }) : t('noWorker')}
              {worker && worker.kills > 0 && ` · ${t('killed', { n: worker.kills })}`}
            </p>
          )}
        </div>
        <Button
          look="danger"
          disabled={!available || !worker}
          onClick={() => run(() => post('kill-worker', {}))}
        >
          {t('kill')}
        </Button>
      </div>
    </li>
  )
}
