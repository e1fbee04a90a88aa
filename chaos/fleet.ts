import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Children } from './children'
import { sleep, until } from './until'

export type Kind = 'ingress' | 'worker'

/** One process of the product, from its start to its end. */
export interface Member {
  kind: Kind
  /** `worker-1`: the place that it fills; whoever follows it fills the same. */
  slot: string
  pid: number
  /** Where it listens, once it does. */
  url: string | undefined
  /** Told to end, or found dead: Unix milliseconds. */
  endingAt: number | undefined
  endedAt: number | undefined
  /** It ended by itself after SIGTERM: what it had begun it also finished. */
  orderly: boolean
  send(message: unknown): void
}

export interface FleetOptions {
  children: Children
  root: string
  dir: string
  /** Settings of one process. */
  env: (kind: Kind, slot: string) => Record<string, string>
  /** A compiled file that is loaded into the process before anything else. */
  preload?: Partial<Record<Kind, string>>
}

/** The processes of the product, and a supervisor that starts anew whatever ends. */
export interface Fleet {
  /** Adds a place, starts its first process and waits until that listens. */
  add(kind: Kind, slot: string): Promise<void>
  /** Everyone who ever was. */
  history(): Member[]
  /** Those who listen. */
  running(kind: Kind): Member[]
  kill(member: Member, signal?: 'SIGKILL' | 'SIGTERM'): void
  /** Waits until every place has a process that listens. */
  whole(): Promise<void>
  /** No process is started any more; those that run are killed. */
  close(): void
}

interface Place {
  kind: Kind
  slot: string
  child: ChildProcess
  member: Member
}

/** As a container platform would: at once, but a process that dies at its start is not tried in a tight loop. */
const restartAfterMs = 100
const startTimeoutMs = 30_000

export function createFleet(options: FleetOptions): Fleet {
  const places = new Map<string, Place>()
  const history: Member[] = []
  let closed = false

  const launch = (kind: Kind, slot: string) => {
    const { child, member } = startMember(kind, slot, options)
    places.set(slot, { kind, slot, child, member })
    history.push(member)
    child.once('exit', (code) => {
      const now = Date.now()
      member.orderly = code === 0 && member.endingAt !== undefined
      member.endingAt ??= now
      member.endedAt = now
      if (!closed) void sleep(restartAfterMs).then(() => (closed ? undefined : launch(kind, slot)))
    })
  }
  const listens = ({ member }: Place) => member.url !== undefined && member.endedAt === undefined
  const whole = () =>
    until(() => [...places.values()].every(listens), {
      ms: startTimeoutMs,
      what: 'every process listens (see the logs with --keep)',
    })

  return {
    whole,
    history: () => history,
    add: async (kind, slot) => {
      launch(kind, slot)
      await whole()
    },
    running: (kind) => [...places.values()].filter((p) => p.kind === kind && listens(p)).map((p) => p.member),
    kill: (member, signal = 'SIGKILL') => {
      member.endingAt ??= Date.now()
      const place = places.get(member.slot)
      if (place?.member === member) place.child.kill(signal)
    },
    close: () => {
      closed = true
      for (const { child } of places.values()) child.kill('SIGKILL')
    },
  }
}

function startMember(kind: Kind, slot: string, { children, root, dir, env, preload }: FleetOptions) {
  const file = join(root, `dist/apps/${kind}/main.js`)
  const required = preload?.[kind]
  const member: Member = {
    kind,
    slot,
    pid: 0,
    url: undefined,
    endingAt: undefined,
    endedAt: undefined,
    orderly: false,
    send: (message) => {
      if (child.connected) child.send(message as object)
    },
  }
  const child = children.start({
    file: process.execPath,
    args: [...(required === undefined ? [] : ['--require', required]), file],
    env: env(kind, slot),
    cwd: root,
    logFile: join(dir, `${slot}.log`),
    channel: required !== undefined,
    onLine: (line) => (member.url ??= /"url":"([^"]+)"/.exec(line)?.[1]),
  })
  member.pid = child.pid ?? 0
  return { child, member }
}
