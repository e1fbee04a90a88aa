import { parseArgs } from 'node:util'
import type { Shot } from '../support/take-screenshots'
import { everyWay, takeScreenshots } from '../support/take-screenshots'

interface Pages {
  /** `http://127.0.0.1:3002` */
  emulator: string
  /** `http://127.0.0.1:3001` */
  console: string
}

/** What docs/images shows, of a stack that runs: `npm start`, and something played on it. */
function shotsOf({ emulator }: Pages): Shot[] {
  return [
    ...everyWay({
      name: 'emulator',
      url: emulator,
      prepare: (page) => page.getByRole('tablist').first().waitFor(),
    }),
  ]
}

/** `node dist/tests/browser/screenshots.js [--emulator URL] [--console URL] [--only NAME] [--to FOLDER]` */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      emulator: { type: 'string', default: 'http://127.0.0.1:3002' },
      console: { type: 'string', default: 'http://127.0.0.1:3001' },
      only: { type: 'string' },
      to: { type: 'string', default: 'docs/images' },
    },
  })
  const shots = shotsOf(values).filter(({ name }) => values.only === undefined || name === values.only)
  await takeScreenshots(shots, values.to)
}

if (require.main === module) void main()
