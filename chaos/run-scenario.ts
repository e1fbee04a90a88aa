import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { acceptedBy, busyLanes, callsOf, parkedIn, waitingIn } from './ledgers'
import type { Random } from './random'
import type { RedisUnderTest } from './redis-server'
import { type Verdict, reconcile } from './reconcile'
import type { Scenario } from './scenario'
import { type SetStage, type Setting, setStage } from './stage'
import { type Traffic, type TrafficReport, startTraffic } from './traffic'
import { sleep, until, within } from './until'

export interface Result extends Verdict {
  name: string
  /** What was done: `12 kills, 3 cut calls`. */
  harm: string
  slowestAckMs: number
  /** Of the whole scenario. */
  ms: number
}

type AnyStage = SetStage<RedisUnderTest>

/** Beyond this a scenario is stuck. */
const watchdogMs = 150_000
const judgeMs = 20_000
/** A lane whose wake-up was lost waits for the sweep, which comes every 10 s. */
const sweptMs = 60_000

/** Runs one scenario on a stage of its own. What goes wrong while it is played is an offence. */
export async function runScenario<R extends RedisUnderTest>(
  scenario: Scenario<R>,
  setting: Setting<R> & { dir: string },
  random: Random,
): Promise<Result> {
  const startedAt = Date.now()
  const dir = join(setting.dir, scenario.name)
  mkdirSync(dir, { recursive: true })
  const stage = await setStage({ scenario, setting, dir, random })
  try {
    const { load } = scenario
    const traffic = startTraffic({
      ...stage,
      load,
      accounts: setting.accounts,
      random: random.fork('traffic'),
    })
    const trouble = await playThrough(scenario, stage, traffic)
    const verdict = await within(judgeMs, 'the ledgers are read', judge(stage, traffic))
    const report = traffic.report()
    const harm = describeHarm(stage, report)
    const idle = harm === '' ? ['idle: nothing was done to the system'] : []
    const offences = [...trouble, ...idle, ...report.refusals, ...verdict.offences]
    const { slowestAckMs } = report
    return { ...verdict, name: scenario.name, harm, slowestAckMs, offences, ms: Date.now() - startedAt }
  } finally {
    await stage.close()
  }
}

/** What went wrong on the way; whatever is hurt is mended in the end. */
async function playThrough<R extends RedisUnderTest>(
  scenario: Scenario<R>,
  stage: SetStage<R>,
  traffic: Traffic,
): Promise<string[]> {
  try {
    await within(watchdogMs, `${scenario.name} comes to an end`, play(scenario, stage, traffic))
    return []
  } catch (error) {
    await within(judgeMs, 'the stage is mended', stage.mend()).catch(() => undefined)
    return [`broken off: ${error instanceof Error ? error.message : String(error)}`]
  }
}

/** Harm and traffic, then mending, then waiting for the rest. */
async function play<R extends RedisUnderTest>(
  scenario: Scenario<R>,
  stage: SetStage<R>,
  traffic: Traffic,
): Promise<void> {
  const harm = scenario.harm(stage).finally(() => traffic.finish())
  await Promise.all([harm, traffic.done])
  await stage.mend()
  await settle(stage, traffic, scenario.settleMs ?? sweptMs)
}

/** Waits until every acknowledged event has an end and no lane has work. What is left over then is lost. */
async function settle({ emulator, redis }: AnyStage, traffic: Traffic, ms: number): Promise<void> {
  const allEnded = async () => {
    const ended = new Set(acceptedBy(emulator).map(({ label }) => label))
    for (const { label } of await parkedIn(redis.client)) ended.add(label)
    return traffic.sent().every(({ ackedAt, label }) => ackedAt === undefined || ended.has(label))
  }
  // What is missing at the deadline shows in the verdict, which names it.
  try {
    await until(allEnded, { ms, what: 'every event has an end' })
  } catch {
    return
  }
  await until(async () => (await busyLanes(redis.client)) === 0, { ms: sweptMs, what: 'all lanes are empty' })
  // A late repeat would come now.
  await sleep(300)
}

async function judge({ emulator, fleet, redis, wires }: AnyStage, traffic: Traffic): Promise<Verdict> {
  const calls = callsOf({
    calls: wires.flatMap((wire) => wire.calls()),
    members: fleet.history(),
    away: redis.away(),
  })
  return reconcile({
    sent: traffic.sent(),
    accepted: acceptedBy(emulator),
    parked: await parkedIn(redis.client),
    waiting: await waitingIn(redis.client),
    calls,
  })
}

/** What the scenario, the emulator's faults and the traffic did to the system. */
function describeHarm({ harm, emulator }: AnyStage, { duplicates, heldBack }: TrafficReport): string {
  const faults = emulator.ledger.after(0).filter(({ kind }) => kind === 'api')
  const all = new Map(harm)
  const add = (what: string, times: number) => all.set(what, (all.get(what) ?? 0) + times)
  for (const { fault } of faults) if (fault !== undefined) add(`calls with ${fault}`, 1)
  if (duplicates > 0) add('requests sent again', duplicates)
  if (heldBack > 0) add('requests held back', heldBack)
  return [...all].map(([what, times]) => `${times} ${what}`).join(', ')
}
