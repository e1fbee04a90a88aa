import { HooklineError } from '#libs/contract'
import { pause, type EmulatorContext } from './context'
import type { Acted } from './page-act'
import type { Act, PageFaultRequest, PageState, Scenario, ScenarioStep } from './page-types'

/** What a scenario's steps do. */
export interface Stage {
  act(act: Act): Promise<Acted>
  fault(fault: PageFaultRequest): Promise<void>
  clearFaults(): Promise<void>
  killWorker(): Promise<void>
}

export interface Scenarios {
  state(): PageState['scenario']
  record(): void
  stop(name: string): Scenario
  /** Starts it; refused while another one is played. */
  play(scenario: Scenario, speed: number): void
  /** Ends the one that is played, at once. */
  end(): void
  /** Something is done by hand; the answer is told what came of it. */
  note(step: StepDone): Noted
}

export type StepDone = ScenarioStep extends infer S ? (S extends unknown ? Omit<S, 'afterMs'> : never) : never

export interface Noted {
  /** It was refused: not a part of the scenario. */
  failed(): void
  /** LINE: what the message that it sent is called. */
  sent(messageId: string): void
}

interface Recording {
  startedAt: number
  steps: { at: number; step: StepDone & { messageId?: string } }[]
}

/** Longer than any scenario takes: a recording that somebody forgot must not grow for ever. */
const mostSteps = 10_000

export function createScenarios(context: EmulatorContext, stage: Stage, changed: () => void): Scenarios {
  let recording: Recording | undefined
  let playing: { name: string; step: number; of: number } | undefined
  let failed: string[] | undefined
  let ending = new AbortController()

  const run = async ({ name, steps }: Scenario, speed: number) => {
    const { signal } = ending
    const end = aborted(signal)
    const messageIds = new Map<string, string>()
    const acts: Promise<void>[] = []
    for (const [i, step] of steps.entries()) {
      await Promise.race([pause(context, step.afterMs / speed), end])
      if (context.closing.aborted || signal.aborted) break
      playing = { name, step: i + 1, of: steps.length }
      changed()
      // Not awaited: users do not wait for each other. Only what names an earlier message waits for it.
      if (refersToMessage(step)) await Promise.all(acts.splice(0))
      const done = play(step, stage, messageIds).catch((error: unknown) => {
        failed = [
          ...(failed ?? []),
          `step ${i + 1}: ${error instanceof Error ? error.message : String(error)}`,
        ]
      })
      if (step.do === 'act') acts.push(done)
      else await done
    }
    await Promise.all(acts)
    playing = undefined
    changed()
  }
  return {
    state: () => ({
      recording: recording !== undefined,
      steps: recording?.steps.length ?? 0,
      ...(playing ? { playing } : {}),
      ...(failed ? { failed } : {}),
    }),
    record: () => {
      recording = { steps: [], startedAt: Date.now() }
      changed()
    },
    stop: (name) => {
      const steps = recording ? withDistances(recording) : []
      recording = undefined
      changed()
      return { version: 1, name, steps }
    },
    play: (scenario, speed) => {
      if (playing)
        throw new HooklineError('config_invalid', `"${playing.name}" is being played; end it first.`)
      ending = new AbortController()
      failed = undefined
      playing = { name: scenario.name, step: 0, of: scenario.steps.length }
      changed()
      void run(scenario, speed)
    },
    end: () => ending.abort(),
    note: (step) => {
      const into = recording
      const entry: Recording['steps'][number] = { at: Date.now(), step: { ...step } }
      if (into && into.steps.length < mostSteps) into.steps.push(entry)
      changed()
      return {
        failed: () => {
          if (into) into.steps = into.steps.filter((each) => each !== entry)
          changed()
        },
        sent: (messageId) => {
          if (entry.step.do === 'act') entry.step.messageId = messageId
        },
      }
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function withDistances({ steps, startedAt }: Recording): ScenarioStep[] {
  let lastAt = startedAt
  return steps.map(({ at, step }) => {
    const afterMs = at - lastAt
    lastAt = at
    return { afterMs, ...step }
  })
}

async function play(step: ScenarioStep, stage: Stage, messageIds: Map<string, string>): Promise<void> {
  switch (step.do) {
    case 'act': {
      const { line } = await stage.act(renamed(step.act, messageIds))
      if (step.messageId !== undefined && line?.messageId !== undefined)
        messageIds.set(step.messageId, line.messageId)
      return
    }
    case 'fault':
      return stage.fault(step.fault)
    case 'clear-faults':
      return stage.clearFaults()
    case 'kill-worker':
      return stage.killWorker()
  }
}

function refersToMessage(step: ScenarioStep): boolean {
  if (step.do !== 'act') return false
  const { does } = step.act
  return 'messageId' in does || (does.kind === 'text' && does.replyTo !== undefined)
}

/** Messages get new ids each time: what names an earlier one names its new id. */
function renamed(act: Act, messageIds: Map<string, string>): Act {
  const { does } = act
  const now = (id: string) => messageIds.get(id) ?? id
  if (does.kind === 'unsend' || does.kind === 'edit')
    return { ...act, does: { ...does, messageId: now(does.messageId) } }
  if (does.kind === 'text' && does.replyTo !== undefined)
    return { ...act, does: { ...does, replyTo: now(does.replyTo) } }
  return act
}
