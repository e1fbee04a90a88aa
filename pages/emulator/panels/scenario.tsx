import { Circle, Download, FolderOpen, Play, Square } from 'lucide-preact'
import { useRef, useState } from 'preact/hooks'
import type { PageState, Scenario } from '../../../libs/emulator/page-types'
import { duration } from '../../shared/format'
import { useLanguage, useWords } from '../../shared/i18n'
import { Button, Field, Problem } from '../../shared/parts'
import { usePage } from '../store'
import { fileNameOf, readScenario } from './scenario-file'
import { useTask } from './use-task'

const words = {
  about: [
    'Record what you do on the phones and in the fault panel, and play it again: here, or with “hookline scenario play FILE”.',
    'スマートフォンと障害パネルでの操作を記録し、ここか「hookline scenario play ファイル」で再生できます。',
  ],
  record: ['Record', '記録開始'],
  stop: ['Stop', '記録終了'],
  recording: ['Recording: {n} {n|step|steps}', '記録中: {n} ステップ'],
  open: ['Open a file', 'ファイルを開く'],
  notJson: ['“{file}” is not JSON.', '「{file}」は JSON ではありません。'],
  notScenario: [
    '“{file}” is not a scenario that this version can play.',
    '「{file}」は、このバージョンで再生できるシナリオではありません。',
  ],
  name: ['Name', '名前'],
  unnamed: ['Scenario', 'シナリオ'],
  steps: ['{n} {n|step|steps}, {time}', '{n} ステップ、{time}'],
  play: ['Play', '再生'],
  download: ['Download', 'ダウンロード'],
  playing: ['Playing “{name}”: step {step} of {of}', '「{name}」を再生中: {of} ステップ中 {step}'],
  end: ['Stop playing', '再生を中止'],
  failed: ['The last run had problems:', '前回の再生で次の問題がありました。'],
  empty: [
    'No scenario yet: record one, or open a file.',
    'シナリオはまだありません。記録するか、ファイルを開いてください。',
  ],
} as const

/** Record, stop, name, keep, play again. */
export function ScenarioBar() {
  const { state, post } = usePage()
  const t = useWords(words)
  const task = useTask()
  const [scenario, setScenario] = useState<Scenario>()
  const {
    recording,
    steps,
    playing,
    failed = [],
  }: PageState['scenario'] & { failed?: string[] } = state.scenario
  const stop = async () => {
    const recorded = (await post('scenario/stop', {})) as Scenario
    setScenario({ ...recorded, name: recorded.name || t('unnamed') })
  }
  return (
    <div class="scenario">
      <p class="scenario-about">{t('about')}</p>
      <div class="scenario-buttons">
        {recording ? (
          <Button look="danger" disabled={task.busy} onClick={() => task.run(stop)}>
            <Square size={16} aria-hidden="true" />
            {t('stop')}
          </Button>
        ) : (
          <Button
            disabled={task.busy || playing !== undefined}
            onClick={() => task.run(() => post('scenario/record', {}))}
          >
            <Circle size={16} class="record-sign" aria-hidden="true" />
            {t('record')}
          </Button>
        )}
        <OpenFile onRead={setScenario} run={task.run} disabled={recording} />
        <span class="scenario-status" role="status">
          {recording && t('recording', { n: steps })}
        </span>
      </div>
      {task.problem && <Problem>{task.problem}</Problem>}
      {playing && <Progress {...playing} onEnd={() => task.run(() => post('scenario/play/end', {}))} />}
      {!playing && failed.length > 0 && (
        <div class="problem" role="alert">
          {t('failed')}
          <ul>
            {failed.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </div>
      )}
      {scenario ? (
        <Kept
          scenario={scenario}
          onName={(name) => setScenario({ ...scenario, name })}
          onPlay={() => task.run(() => post('scenario/play', scenario))}
          disabled={recording || playing !== undefined}
        />
      ) : (
        !recording && !playing && <p class="empty">{t('empty')}</p>
      )}
    </div>
  )
}

interface ProgressProps {
  name: string
  step: number
  of: number
  onEnd: () => void
}

function Progress({ name, step, of, onEnd }: ProgressProps) {
  const t = useWords(words)
  const told = t('playing', { name, step, of })
  return (
    <div class="scenario-progress">
      <p role="status">{told}</p>
      <progress value={step} max={of} aria-label={told} />
      <Button onClick={onEnd}>
        <Square size={16} aria-hidden="true" />
        {t('end')}
      </Button>
    </div>
  )
}

interface OpenFileProps {
  onRead: (scenario: Scenario) => void
  run: (task: () => Promise<unknown>) => void
  disabled: boolean
}

function OpenFile({ onRead, run, disabled }: OpenFileProps) {
  const t = useWords(words)
  const input = useRef<HTMLInputElement>(null)
  const read = async (file: File) => {
    try {
      onRead(readScenario(await file.text()))
    } catch (error) {
      const isJson = !(error instanceof Error && error.message === 'not JSON')
      throw new Error(t(isJson ? 'notScenario' : 'notJson', { file: file.name }), { cause: error })
    }
  }
  const choose = (element: HTMLInputElement) => {
    const [file] = element.files ?? []
    if (file) run(() => read(file))
    // So that the same file can be chosen again after it was changed.
    element.value = ''
  }
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        onChange={(event) => choose(event.currentTarget)}
      />
      <Button disabled={disabled} onClick={() => input.current?.click()}>
        <FolderOpen size={16} aria-hidden="true" />
        {t('open')}
      </Button>
    </>
  )
}

interface KeptProps {
  scenario: Scenario
  onName: (name: string) => void
  onPlay: () => void
  disabled: boolean
}

function Kept({ scenario, onName, onPlay, disabled }: KeptProps) {
  const t = useWords(words)
  const language = useLanguage()
  const ms = scenario.steps.reduce((sum, { afterMs }) => sum + afterMs, 0)
  return (
    <div class="card scenario-kept">
      <Field label={t('name')}>
        <input
          class="input"
          value={scenario.name}
          maxLength={100}
          onInput={(event) => onName(event.currentTarget.value)}
        />
      </Field>
      <p class="scenario-size">{t('steps', { n: scenario.steps.length, time: duration(ms, language) })}</p>
      <div class="scenario-buttons">
        <Button look="primary" disabled={disabled || scenario.steps.length === 0} onClick={onPlay}>
          <Play size={16} aria-hidden="true" />
          {t('play')}
        </Button>
        <Button onClick={() => download(scenario)}>
          <Download size={16} aria-hidden="true" />
          {t('download')}
        </Button>
      </div>
    </div>
  )
}

function download(scenario: Scenario): void {
  const url = URL.createObjectURL(
    new Blob([`${JSON.stringify(scenario, null, 2)}\n`], { type: 'application/json' }),
  )
  const link = document.createElement('a')
  link.href = url
  link.download = fileNameOf(scenario.name)
  link.click()
  // Not at once: the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
