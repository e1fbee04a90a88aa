import type { EmulatorContext } from './context'

/** Billed messages of the month in UTC+9; the unit is a recipient, not a message object [doc D/pricing]. */
export interface LineQuota {
  used(): number
  /** Takes `recipients` from the month's rest; false when they do not fit. */
  spend(recipients: number): boolean
}

const nineHours = 9 * 60 * 60_000

export function createLineQuota(context: EmulatorContext): LineQuota {
  let month = ''
  let used = 0
  const turn = () => {
    const now = new Date(context.clock() + nineHours).toISOString().slice(0, 7)
    if (now !== month) used = 0
    month = now
  }

  return {
    used: () => {
      turn()
      return used + context.settings().lineQuotaUsedElsewhere
    },
    spend: (recipients) => {
      turn()
      const { lineMonthlyQuota: limit, lineQuotaUsedElsewhere: elsewhere } = context.settings()
      if (limit !== null && used + elsewhere + recipients > limit) return false
      used += recipients
      return true
    },
  }
}
