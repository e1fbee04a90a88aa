import { once } from 'node:events'
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net'
import { createLogger } from '#libs/observability'
import { eventually } from '../../tests/support/eventually'
import { testRedis, testRedisUrl } from '../../tests/support/redis'
import { connectWorker } from './connections'

const channel = '+switch-master'
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`

/** As much of a Sentinel as a connection asks for. It names the Redis of the tests as the primary. */
async function startSentinel(primaryPort: string) {
  const sockets = new Set<Socket>()
  const listeners = new Set<Socket>()
  let beforeAnswer: () => void = () => undefined
  const answer = (socket: Socket, command: string) => {
    if (/^subscribe/i.test(command)) {
      listeners.add(socket)
      return socket.write(`>3\r\n${bulk('subscribe')}${bulk(channel)}:1\r\n`)
    }
    if (!/get-master-addr-by-name/i.test(command)) return socket.write('+OK\r\n')
    beforeAnswer()
    // After what was told by then has been read.
    return setTimeout(() => socket.write(`*2\r\n${bulk('127.0.0.1')}${bulk(primaryPort)}`), 100)
  }
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const commands = String(chunk).split(/^\*\d+\r\n/m)
      for (const command of commands.filter(Boolean)) {
        const words = command.split('\r\n').filter((_word, i) => i % 2 === 1)
        answer(socket, words.join(' '))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    listeners,
    tellWhileAsked: () => {
      beforeAnswer = () => {
        beforeAnswer = () => undefined
        for (const socket of listeners)
          socket.write(`>3\r\n${bulk('message')}${bulk(channel)}${bulk('main')}`)
      }
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('a connection that is told of a failover while it connects anew goes on connecting', async () => {
  const sentinel = await startSentinel(new URL(testRedisUrl()).port)
  const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`
  const redis = connectWorker(url, createLogger({ name: 'test', level: 'silent' }))
  const statuses: string[] = []
  redis.on('end', () => statuses.push('end'))
  const admin = testRedis()
  try {
    await eventually(() => expect([redis.status, sentinel.listeners.size]).toEqual(['ready', 1]))
    const id = await redis.client('ID')
    sentinel.tellWhileAsked()
    await admin.client('KILL', 'ID', id)
    await eventually(async () => {
      expect([await redis.ping(), (await redis.client('ID')) === id]).toEqual(['PONG', false])
    })
    expect(statuses).toEqual([])
  } finally {
    redis.disconnect()
    admin.disconnect()
    sentinel.close()
  }
})
