import type { FaultRequest } from '#libs/emulator'
import type { Scenario, Stage } from '../scenario'
import { sleep } from '../until'
import { rounds, steady } from './rounds'

const platforms = ['line', 'lineworks', 'tocaro'] as const
/** The calls that send; tokens are fetched undisturbed where only these are named. */
const sending = [
  { platform: 'line', operation: 'reply' },
  { platform: 'line', operation: 'push' },
  { platform: 'lineworks', operation: 'users.messages' },
  { platform: 'lineworks', operation: 'channels.messages' },
  { platform: 'tocaro', operation: 'groups.messages' },
] as const

function harmCalls({ emulator }: Stage, fault: Omit<FaultRequest, 'platform' | 'operation'>): void {
  for (const where of sending) emulator.faults.add({ ...where, ...fault })
}

export const platformOutage: Scenario = {
  name: 'platform-outage',
  what: 'All calls to all platforms are answered with 500 for four seconds, later refused for four seconds.',
  load: steady,
  harm: async (stage) => {
    await sleep(2000)
    for (const platform of platforms) stage.emulator.faults.add({ platform, kind: '500' })
    await sleep(4000)
    stage.emulator.faults.clear()
    await sleep(2000)
    stage.wires.forEach((wire) => wire.down())
    stage.did('times unreachable')
    await sleep(4000)
    await Promise.all(stage.wires.map((wire) => wire.up()))
  },
}

export const rateStorm: Scenario = {
  name: 'rate-storm',
  what: 'Half of all calls are answered with 429 in three waves: with a stated wait of one second, and without one.',
  load: steady,
  harm: (stage) =>
    rounds(stage, { times: 3, pauseMs: [800, 2000] }, async () => {
      harmCalls(stage, { kind: '429', delayMs: 1000, rate: 0.5, durationMs: 2000 })
      await sleep(2000)
      harmCalls(stage, { kind: '429-no-header', rate: 0.5, durationMs: 1000 })
      await sleep(1000)
    }),
}

export const expiredTokens: Scenario = {
  name: 'expired-tokens',
  what: 'All access tokens end again and again; Tocaro, which issues none, answers 401 now and then.',
  load: steady,
  harm: (stage) =>
    rounds(stage, { times: 12, pauseMs: [400, 1200] }, () => {
      stage.did('tokens ended', stage.emulator.expireTokens('line'))
      stage.did('tokens ended', stage.emulator.expireTokens('lineworks'))
      stage.emulator.faults.add({ platform: 'tocaro', kind: '401', count: 1 })
    }),
}

export const cutAfterAcceptance: Scenario = {
  name: 'cut-after-acceptance',
  what: 'One call in seven is accepted by the platform, but its connection is cut before the answer.',
  load: steady,
  harm: async (stage) => {
    harmCalls(stage, { kind: 'accept-then-cut', rate: 1 / 7 })
    await sleep(10_000)
  },
}

export const mixed: Scenario = {
  name: 'mixed',
  what: '600 events over 40 conversations with duplicates, 429, 500, ended tokens, calls cut after acceptance, and two workers killed.',
  workers: 3,
  load: { conversations: 40, least: 15, most: 15, pauseMs: 550, twice: 0.1, again: 0.1 },
  harm: async (stage) => {
    harmCalls(stage, { kind: '429', delayMs: 500, rate: 0.03 })
    harmCalls(stage, { kind: '500', rate: 0.03 })
    harmCalls(stage, { kind: 'accept-then-cut', rate: 0.03 })
    await rounds(stage, { times: 2, pauseMs: [1500, 3000] }, () => {
      for (const platform of platforms) stage.did('tokens ended', stage.emulator.expireTokens(platform))
      stage.emulator.faults.add({ platform: 'tocaro', kind: '401', count: 1 })
      stage.fleet.kill(stage.random.pick(stage.fleet.running('worker')))
      stage.did('worker kills')
    })
    await sleep(3000)
  },
}
