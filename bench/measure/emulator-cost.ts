import { type Bench, type Program, inFolder, startProgram } from '../bench'
import { startMeter } from '../cpu'
import type { Samples } from '../interleave'
import { startSink } from '../sink-client'

const token = 'token-of-the-bench'
const mostCalls = 500

/** What one call costs each of the two that stand for the platforms. */
export async function emulatorCost(bench: Bench): Promise<Samples> {
  return inFolder(bench, async (dir) => {
    const sink = await startSink(bench, { dir })
    const emulator = await startProgram(bench, {
      ...{ name: 'emulator', script: 'libs/cli/main.js', args: ['emulator', '--json'] },
      ...{ place: 'generator', dir },
      env: { HOOKLINE_CONFIG: '', EMULATOR_PORT: '0', LINE_CHANNEL_ACCESS_TOKEN: token },
    })
    const calls = bench.quick ? 50 : mostCalls
    const cost = {
      sink: [{ cpu: await costOf(sink, calls) }],
      emulator: [{ cpu: await costOf(emulator, calls) }],
    }
    await Promise.all([sink.end(), emulator.end()])
    return cost
  })
}

async function costOf({ url, pid }: Program, calls: number): Promise<number> {
  await push(url, calls)
  const stop = startMeter([pid])
  await push(url, calls)
  return stop() / calls
}

async function push(url: string, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    const response = await fetch(`${url}/v2/bot/message/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        to: `U${String(i).padStart(32, '0')}`,
        messages: [{ type: 'text', text: 'Hello' }],
      }),
    })
    await response.text()
    if (response.status !== 200) throw new Error(`${url} answered a push with ${response.status}.`)
  }
}
