import { type AlertDesk, type AlertOptions, createAlertDesk } from './alerts'

/** The alerts of a console that runs. */
export type Alerts = Omit<AlertDesk, 'evaluate'>

const everyMs = 15_000

/** Evaluates the rules every 15 seconds, until it is closed. */
export function startAlerts(options: AlertOptions): Alerts {
  const desk = createAlertDesk(options)
  let timer: NodeJS.Timeout | undefined
  let underWay = Promise.resolve()
  let closed = false
  const look = () => {
    underWay = desk
      .evaluate()
      .catch((error: unknown) => options.log.warn({ error: String(error) }, 'alerts could not be evaluated'))
      .then(() => {
        if (!closed) timer = setTimeout(look, everyMs)
      })
  }
  look()
  return {
    firing: () => desk.firing(),
    view: () => desk.view(),
    test: () => desk.test(),
    close: async () => {
      closed = true
      clearTimeout(timer)
      await underWay
      await desk.close()
    },
  }
}
