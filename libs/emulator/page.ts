import type { Router } from 'express'
import { HooklineError, type PlatformName, type Story } from '#libs/contract'
import { version } from '#libs/observability'
import { emulatedBotName, type Accounts } from './accounts'
import type { EmulatorContext } from './context'
import { createActs, type Acted } from './page-act'
import { createChat } from './page-chat'
import { pageContents } from './page-contents'
import { createExchanges, type Exchanges } from './page-exchanges'
import { createPageFaults } from './page-faults'
import { createPeople } from './page-people'
import { createScenarios, type Scenarios } from './page-scenarios'
import { botOf, storyOf } from './page-story'
import { createPageStream } from './page-stream'
import type {
  Act,
  ActiveFault,
  Backstage,
  BackstageState,
  PageEvent,
  PageFaultRequest,
  PageState,
  PhoneRoom,
  PhoneState,
  PhoneUser,
  Stories,
} from './page-types'
import type { Platforms } from './platforms'

export interface PageOptions {
  accounts: Accounts
  context: EmulatorContext
  platforms: Platforms
  /** Where the platforms' APIs are, for commands to copy. */
  baseUrl: () => string
  backstage?: Backstage
  stories?: Stories
}

/** Everything behind the emulator's page, without HTTP. */
export interface Page {
  state(): PageState
  /** What stands in the way of a page that saw everything up to `seq`. */
  missed(seq: number): PageEvent[]
  subscribe(listener: (event: PageEvent) => void): () => void
  faults(): ActiveFault[]
  act(act: Act): Promise<Acted>
  addUser(platform: PlatformName, name: string): Promise<PhoneUser>
  addRoom(platform: PlatformName, name: string, members: string[]): Promise<PhoneRoom>
  addFault(request: PageFaultRequest): Promise<ActiveFault[]>
  clearFaults(id?: string): Promise<ActiveFault[]>
  killWorker(): Promise<BackstageState>
  story(webhook: string): Promise<Story | undefined>
  exchanges: Exchanges
  scenarios: Scenarios
  contents: Router
  close(): Promise<void>
}

/** How often an open page is told what changes without anybody doing something: the end of a fault, say. */
const tickMs = 250

export function createPage(options: PageOptions): Page {
  const { accounts, context, platforms, backstage, stories } = options
  const stream = createPageStream()
  const people = createPeople(options)
  const chat = createChat({ context, people, stream })
  const exchanges = createExchanges({
    ...{ accounts, stream, clock: () => context.clock(), baseUrl: options.baseUrl },
    lanes: { replyLanes: chat.replyLanes, people },
  })
  const acts = createActs({ accounts, context, platforms, people, chat })
  const pageFaults = createPageFaults(context, backstage)
  const phones = () => phonesOf({ ...options, people })
  const backstageState = (): BackstageState => ({
    available: backstage !== undefined,
    ...backstage?.state(),
    stories: stories !== undefined,
  })
  const killWorker = async () => {
    if (!backstage)
      throw new HooklineError(
        'config_invalid',
        'There is no worker that the emulator may kill. Start everything with `hookline dev`.',
      )
    await backstage.killWorker()
  }
  const scenarios = createScenarios(
    context,
    { act: acts.act, fault: pageFaults.add, clearFaults: () => pageFaults.clear(), killWorker },
    () => stream.publishChanged({ kind: 'scenario', scenario: scenarios.state() }),
  )
  const settings = (): PageEvent[] => [
    { kind: 'phones', platforms: phones() },
    { kind: 'faults', faults: pageFaults.list() },
    { kind: 'backstage', backstage: backstageState() },
    { kind: 'scenario', scenario: scenarios.state() },
  ]
  const tell = () => {
    if (stream.isWatched()) settings().forEach(stream.publishChanged)
  }
  const tick = setInterval(tell, tickMs).unref()
  backstage?.onChange(tell)
  context.watch.by({
    ...chat,
    attempted: (attempt) => {
      chat.attempted(attempt)
      exchanges.attempted(attempt)
    },
    called: (call) => {
      exchanges.called(call)
      chat.called(call)
    },
  })
  const recorded = async <T>(step: Parameters<Scenarios['note']>[0], work: () => Promise<T>): Promise<T> => {
    const noted = scenarios.note(step)
    try {
      return await work()
    } catch (error) {
      noted.failed()
      throw error
    } finally {
      tell()
    }
  }

  return {
    state: () => ({
      at: context.clock(),
      version: version(),
      platforms: phones().map((phone) => ({ ...phone, lines: chat.lines(phone.platform) })),
      faults: pageFaults.list(),
      backstage: backstageState(),
      scenario: scenarios.state(),
      seq: stream.seq(),
    }),
    missed: (given) => {
      // Of an emulator that was started again, everything is news.
      const seq = given > stream.seq() ? 0 : given
      const lines = chat.after(seq).map((line): PageEvent => ({ kind: 'line', line }))
      const rows = exchanges.after(seq, 500).map((exchange): PageEvent => ({ kind: 'exchange', exchange }))
      return [...settings(), ...[...lines, ...rows].sort((a, b) => seqOf(a) - seqOf(b))]
    },
    subscribe: stream.subscribe,
    faults: pageFaults.list,
    act: async (act) => {
      const noted = scenarios.note({ do: 'act', act })
      try {
        const acted = await acts.act(act)
        if (acted.line?.messageId !== undefined) noted.sent(acted.line.messageId)
        return acted
      } catch (error) {
        noted.failed()
        throw error
      } finally {
        tell()
      }
    },
    addUser: acts.addUser,
    addRoom: acts.addRoom,
    addFault: (fault) =>
      recorded({ do: 'fault', fault }, () => pageFaults.add(fault)).then(() => pageFaults.list()),
    clearFaults: (id) =>
      recorded({ do: 'clear-faults' }, () => pageFaults.clear(id)).then(() => pageFaults.list()),
    killWorker: () => recorded({ do: 'kill-worker' }, killWorker).then(backstageState),
    story: async (webhook) => {
      const event = chat.sentEvent(webhook)
      const account = event && accounts[event.platform]
      if (!event || !account || !stories) return undefined
      return storyOf(event, botOf(account.webhookUrl, event.platform), stories)
    },
    exchanges,
    scenarios,
    contents: pageContents(platforms),
    close: async () => {
      clearInterval(tick)
      await pageFaults.close()
    },
  }
}

function seqOf(event: PageEvent): number {
  return event.kind === 'line' ? event.line.seq : event.kind === 'exchange' ? event.exchange.seq : 0
}

type Phones = Omit<PhoneState, 'lines'>[]

function phonesOf({
  accounts,
  platforms,
  people,
}: PageOptions & { people: ReturnType<typeof createPeople> }): Phones {
  return (Object.keys(platforms) as PlatformName[]).map((platform) => {
    const webhookUrl = accounts[platform]?.webhookUrl ?? ''
    return {
      ...{ platform, bot: botOf(webhookUrl, platform), botName: emulatedBotName, webhookUrl },
      ...(platform === 'tocaro' ? { endpoint: platforms.tocaro?.webhooks.state() ?? '' } : {}),
      users: people.users(platform),
      rooms: people.rooms(platform),
    }
  })
}
