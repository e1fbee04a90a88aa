import type { ChatLine, ExchangeRow, PageEvent, PageState, PhoneState } from '../../libs/emulator/page-types'

/** What the page knows; replaced, never changed. */
export interface PageData {
  state: PageState
  /** Oldest first. */
  exchanges: ExchangeRow[]
}

/** As many as the emulator gives of each conversation. */
export const linesKept = 200
export const exchangesKept = 500

export function applyEvent(data: PageData, event: PageEvent): PageData {
  switch (event.kind) {
    case 'line':
      return { ...data, state: withLine(data.state, event.line) }
    case 'exchange':
      return withExchange(data, event.exchange)
    case 'faults':
      return { ...data, state: { ...data.state, faults: event.faults } }
    case 'backstage':
      return { ...data, state: { ...data.state, backstage: event.backstage } }
    case 'phones':
      return { ...data, state: withPhones(data.state, event.platforms) }
    case 'scenario':
      return { ...data, state: { ...data.state, scenario: event.scenario } }
  }
}

function withLine(state: PageState, line: ChatLine): PageState {
  const platforms = state.platforms.map((phone) =>
    phone.platform === line.platform ? { ...phone, lines: placed(phone.lines, line) } : phone,
  )
  return { ...state, platforms, seq: Math.max(state.seq, line.seq) }
}

/** A known line is replaced where it stands, unless what came is older; a new one goes where its time puts it. */
function placed(lines: ChatLine[], line: ChatLine): ChatLine[] {
  const known = lines.findIndex((each) => each.id === line.id)
  if (known >= 0) {
    return (lines[known]?.seq ?? 0) > line.seq ? lines : lines.with(known, line)
  }
  const after = lines.findLastIndex((each) => each.at <= line.at)
  return capped(lines.toSpliced(after + 1, 0, line), line.lane)
}

function capped(lines: ChatLine[], lane: string): ChatLine[] {
  if (lines.filter((each) => each.lane === lane).length <= linesKept) return lines
  return lines.toSpliced(
    lines.findIndex((each) => each.lane === lane),
    1,
  )
}

function withExchange(data: PageData, exchange: ExchangeRow): PageData {
  const known = data.exchanges.findIndex((each) => each.id === exchange.id)
  const exchanges =
    known >= 0 ? data.exchanges.with(known, exchange) : [...data.exchanges, exchange].slice(-exchangesKept)
  return { exchanges, state: { ...data.state, seq: Math.max(data.state.seq, exchange.seq) } }
}

function withPhones(state: PageState, phones: Omit<PhoneState, 'lines'>[]): PageState {
  const linesOf = (phone: Omit<PhoneState, 'lines'>) =>
    state.platforms.find((each) => each.platform === phone.platform)?.lines ?? []
  return { ...state, platforms: phones.map((phone) => ({ ...phone, lines: linesOf(phone) })) }
}
