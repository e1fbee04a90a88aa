import { randomUUID } from 'node:crypto'
import type { Limit } from '#libs/contract'
import type { Answer, Permit, PermitRequest } from './permit'
import { createRecent } from './recent'
import { createStock } from './stock'
import type { AskReply, Spare } from './store'

/** Permits of one limit in one process. */
export interface Desk {
  ask(request: PermitRequest): Promise<Answer>
  /**
   * For a call that will most likely be asked for within the next milliseconds. Nothing happens while a permit is in stock
   * or on its way, or where the last one that was fetched so was of no use.
   */
  fetchAhead(limit: Limit): void
  /** True while all that Redis said last is that nothing is going on. */
  isCalm(): boolean
  /** Something is going on: the stock goes back, and each call asks Redis until that says that all is calm. */
  unsettle(): void
}

export interface DeskDeps {
  /** Asks Redis for so many permits. Throws. */
  askRedis: (request: PermitRequest, count: number) => Promise<AskReply>
  giveBack: (spares: Spare[]) => void
}

/**
 * What was used within this time, in milliseconds, is fetched ahead: half as long as it is good for, so that little
 * comes back unused. Who made no call for so long asks for one permit only.
 */
const latelyMs = 50

/** Permits in one go. More would save next to nothing. */
const most = 100

interface Wanted {
  request: PermitRequest
  resolve: (answer: Answer | Promise<Answer>) => void
  reject: (error: unknown) => void
}

/**
 * While all is calm, one question to Redis at a time fetches permits for all who came meanwhile and for those who will
 * come next. Else everybody asks for themselves, and so has a place of their own in the queue: nobody who was told to
 * wait is served from here, since all is not calm while they have that place.
 */
export function createDesk({ askRedis, giveBack }: DeskDeps): Desk {
  let calm = false
  /** How often something was going on: an answer that was under way meanwhile says nothing. */
  let unrest = 0
  let asking = false
  /** Whoever makes no calls needs no permits ahead. */
  let isOfUse = true
  /** Nearest deadline first. */
  const wanted: Wanted[] = []
  const stock = createStock(giveBack)
  const lately = createRecent(latelyMs, most)

  const noteUse = () => {
    lately.note()
    isOfUse = true
  }

  const unsettle = () => {
    calm = false
    unrest += 1
    stock.drop()
  }

  const ask = async (request: PermitRequest, count: number) => {
    const before = unrest
    const reply = await askRedis(request, count)
    if (!reply.calm) unsettle()
    // Else something was going on while this was under way.
    const isNews = reply.calm && unrest === before
    if (isNews) calm = true
    return { ...reply, calm: isNews }
  }

  const askAlone = async (request: PermitRequest) => (await ask(request, 1)).answer

  /** Whoever waited for this answer gets a permit of it, however long it took. */
  const serve = (spares: Spare[], askedAt: number) => {
    for (const { request, resolve } of wanted.splice(0, spares.length)) {
      const spare = spares.pop()
      if (spare) resolve(granted(request, spare))
    }
    stock.fill(spares, askedAt)
  }

  const sendAway = (spares: Spare[]) => {
    if (spares.length > 0) giveBack(spares)
    for (const { request, resolve } of wanted.splice(0)) resolve(askAlone(request))
  }

  const granted = (request: PermitRequest, spare: Spare): Answer => {
    noteUse()
    return grantOf(request, spare)
  }

  const handOut = (spares: Spare[], { calm, askedAt }: { calm: boolean; askedAt: number }) => {
    if (calm) serve(spares, askedAt)
    else sendAway(spares)
  }

  const fetchFor = async (first: Wanted) => {
    const askedAt = performance.now()
    const count = Math.min(most, 1 + wanted.length + lately.count())
    try {
      const { answer, spares, calm } = await ask(first.request, count)
      noteUse()
      first.resolve(answer)
      handOut(spares, { calm, askedAt })
    } catch (error) {
      for (const { reject } of [first, ...wanted.splice(0)]) reject(error)
    }
  }

  const fetchAll = async () => {
    asking = true
    // Who comes in the same tick comes along.
    await Promise.resolve()
    for (let first = wanted.shift(); first; first = wanted.shift()) await fetchFor(first)
    asking = false
  }

  const fetchAhead = async (limit: Limit) => {
    asking = true
    isOfUse = false
    const askedAt = performance.now()
    try {
      const { answer, calm } = await ask({ id: `ahead ${randomUUID()}`, limit }, 0)
      handOut(answer.kind === 'granted' ? [spareOf(answer.permit)] : [], { calm, askedAt })
    } catch {
      // Whoever asks hears of it.
    }
    await fetchAll()
  }

  const join = (request: PermitRequest) =>
    new Promise<Answer>((resolve, reject) => {
      const behind = wanted.findLastIndex((other) => deadlineOf(other.request) <= deadlineOf(request))
      wanted.splice(behind + 1, 0, { request, resolve, reject })
      if (!asking) void fetchAll()
    })

  return {
    ask: (request) => {
      // While a person holds the bot, nobody who may go on all the same must take from what others were granted.
      if (!calm || request.evenHeld) return askAlone(request)
      const spare = stock.take()
      return spare ? Promise.resolve(granted(request, spare)) : join(request)
    },
    fetchAhead: (limit) => {
      if (calm && !asking && isOfUse && stock.isEmpty()) void fetchAhead(limit)
    },
    isCalm: () => calm,
    unsettle,
  }
}

function deadlineOf({ deadline }: PermitRequest): number {
  return deadline ?? Infinity
}

function spareOf({ id, priority }: Permit): Spare {
  return { name: id, priority }
}

function grantOf({ id, limit, deadline }: PermitRequest, { name, priority }: Spare): Answer {
  const permit = { id, name, limit, priority: deadline ?? priority, grantedAt: performance.now() }
  return { kind: 'granted', permit, waitedMs: 0 }
}
