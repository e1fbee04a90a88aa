import type { Member } from '../fleet'
import type { Scenario, Stage } from '../scenario'
import { sleep, until } from '../until'
import { rounds, steady } from './rounds'

async function someone(stage: Stage, kind: Member['kind']): Promise<Member> {
  await until(() => stage.fleet.running(kind).length > 0, { ms: 20_000, what: `a ${kind} listens` })
  return stage.random.pick(stage.fleet.running(kind))
}

async function kill(stage: Stage, kind: Member['kind']): Promise<void> {
  stage.fleet.kill(await someone(stage, kind))
  stage.did(`${kind} kills`)
}

export const killIngress: Scenario = {
  name: 'kill-ingress',
  what: 'One of two ingresses is killed (kill -9) at random times; the sender goes on with the other.',
  load: steady,
  harm: (stage) => rounds(stage, { times: 10, pauseMs: [300, 1300] }, () => kill(stage, 'ingress')),
}

export const killWorker: Scenario = {
  name: 'kill-worker',
  what: 'One of three workers is killed (kill -9) at random times, some of them in the middle of a call.',
  workers: 3,
  load: steady,
  harm: (stage) => rounds(stage, { times: 8, pauseMs: [500, 2000] }, () => kill(stage, 'worker')),
}

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  what: 'Every ingress and worker is told to end (SIGTERM) and replaced, one after the other, twice.',
  load: { ...steady, most: 30 },
  harm: async (stage) => {
    for (let turn = 0; turn < 2; turn++) {
      const members = stage.random.shuffle([
        ...stage.fleet.running('ingress'),
        ...stage.fleet.running('worker'),
      ])
      for (const member of members) {
        stage.fleet.kill(member, 'SIGTERM')
        await until(() => member.endedAt !== undefined, { ms: 30_000, what: `${member.slot} has ended` })
        await stage.fleet.whole()
        stage.did('orderly restarts')
        await sleep(stage.random.between(100, 500))
      }
    }
  },
}

export const clockJump: Scenario = {
  name: 'clock-jump',
  what: 'The clock of one worker jumps ten minutes ahead or back and is put right after a while, again and again, while one call in five fails.',
  load: steady,
  preload: { worker: 'clock' },
  harm: async (stage) => {
    // A failed call is tried again later: what is later, by a clock that is wrong at that moment?
    for (const platform of ['line', 'lineworks', 'tocaro'] as const)
      stage.emulator.faults.add({ platform, kind: '500', rate: 0.2 })
    await rounds(stage, { times: 6, pauseMs: [300, 1000] }, async () => {
      const worker = await someone(stage, 'worker')
      worker.send({ shiftMs: stage.random.pick([600_000, -600_000]) })
      stage.did('clock jumps', 2)
      await sleep(stage.random.between(800, 2000))
      worker.send({ shiftMs: 0 })
    })
  },
}

export const poison: Scenario = {
  name: 'poison',
  what: 'Two texts kill the worker that handles them, each time anew, and one makes its handler hang for ever.',
  workers: 3,
  bot: 'poison.ts',
  load: {
    ...steady,
    conversations: 20,
    mark: (conversation, sequence) =>
      sequence !== 3
        ? undefined
        : ({ 4: 'exit', 12: 'hang', 17: 'exit' } as Record<number, string>)[conversation],
  },
  env: { HANDLER_TIMEOUT: '1', RETRY_ATTEMPTS: '2' },
  harm: async (stage) => {
    await sleep(8000)
    stage.did('poison texts', 3)
  },
  settleMs: 80_000,
}
