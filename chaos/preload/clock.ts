/**
 * Loaded into a worker before its own code: lets the runner shift its wall clock, as a wrong NTP step would.
 * Timers go on as they are: they run by the monotonic clock, which such a step does not touch.
 */
let shift = 0
const RealDate = Date
const now = () => RealDate.now() + shift

class ShiftedDate extends RealDate {
  constructor(...args: [] | ConstructorParameters<typeof RealDate>) {
    if (args.length === 0) super(now())
    else super(...args)
  }
  static override now(): number {
    return now()
  }
}

process.on('message', (message: { shiftMs?: number }) => {
  shift = message.shiftMs ?? shift
})
// The channel alone keeps no process alive.
process.channel?.unref()
globalThis.Date = ShiftedDate as DateConstructor
