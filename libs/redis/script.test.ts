import { Socket } from 'node:net'
import { testRedis } from '../../tests/support/redis'
import { runScript, script } from './script'

const echo = script(`return ARGV[1]`)

interface Written {
  chunk: unknown
}

/** How many commands leave in each system call where so many are given at once. */
async function writesOf(commands: number): Promise<number[]> {
  const redis = testRedis()
  await runScript(redis, echo, [], ['first'])
  const { stream } = redis as unknown as { stream: Socket }
  const writes: number[] = []
  const note = (chunks: Written[]) =>
    writes.push(
      chunks
        .map(({ chunk }) => String(chunk))
        .join('')
        .split('evalsha').length - 1,
    )
  stream._write = function (chunk, ...rest) {
    note([{ chunk }])
    Socket.prototype._write.call(this, chunk, ...rest)
  }
  stream._writev = function (chunks, done) {
    note(chunks)
    Socket.prototype._writev?.call(this, chunks, done)
  }
  const said = Array.from({ length: commands }, (_, i) => String(i))
  expect(await Promise.all(said.map((word) => runScript(redis, echo, [], [word])))).toEqual(said)
  expect(stream.writableCorked).toBe(0)
  await redis.quit()
  return writes.filter((count) => count > 0)
}

test.each([
  [1, [1]],
  [8, [8]],
  [20, [8, 8, 4]],
])('%i scripts at once leave by the eight', async (commands, writes) => {
  expect(await writesOf(commands)).toEqual(writes)
})
