import { once } from 'node:events'
import {
  Agent,
  type IncomingMessage,
  type RequestListener,
  type Server,
  createServer,
  request as startRequest,
} from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { HooklineError } from '#libs/contract'
import { eventually } from '../../tests/support/eventually'
import { closeServer, listen } from '.'

const servers: Server[] = []
const agents: Agent[] = []

afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
})

async function setup(listener: RequestListener = (_request, response) => response.end('done')) {
  const server = createServer(listener)
  // Only closeServer may end a connection here, not the server's own time limit.
  server.keepAliveTimeout = 0
  servers.push(server)
  const port = await listen(server, { host: '127.0.0.1', port: 0, setting: 'INGRESS_PORT' })
  const agent = new Agent({ keepAlive: true })
  agents.push(agent)
  const get = async () => {
    const answers = await once(startRequest({ host: '127.0.0.1', port, agent }).end(), 'response')
    return text(answers[0] as IncomingMessage)
  }
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, n) => resolve(n)))
  return { server, port, agent, get, connections }
}

/** A handler that answers when the test says so. */
function heldAnswer() {
  const held: (() => void)[] = []
  const listener: RequestListener = (_request, response) =>
    void held.push(() => response.end('answered after all'))
  return { held, listener }
}

describe('listen', () => {
  test('resolves with the port that the system chose', async () => {
    const { port, get } = await setup()
    expect(port).toBeGreaterThan(0)
    expect(await get()).toBe('done')
  })

  test('names port and setting when the port is taken', async () => {
    const { port } = await setup()
    const second = createServer()
    const failure = await listen(second, { host: '127.0.0.1', port, setting: 'INGRESS_PORT' }).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(HooklineError)
    expect(failure).toMatchObject({
      code: 'config_invalid',
      message: `Port ${port} on 127.0.0.1 is in use by another program. Set INGRESS_PORT to another port.`,
      cause: { code: 'EADDRINUSE' },
    })
  })

  test('says why else a port cannot be opened', async () => {
    const failure = await listen(createServer(), { host: '192.0.2.1', port: 0, setting: 'HOST' }).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining("can't be opened (EADDRNOTAVAIL)"),
    })
  })
})

describe('closeServer', () => {
  test('ends idle keep-alive connections', async () => {
    const { server, agent, get, connections } = await setup()
    await get()
    await eventually(() => expect(Object.values(agent.freeSockets)).toHaveLength(1))
    expect(await connections()).toBe(1)
    await closeServer(server)
    expect(await connections()).toBe(0)
  })

  test('waits for a request under way and lets it have its answer', async () => {
    const { held, listener } = heldAnswer()
    const { server, get } = await setup(listener)
    const order: string[] = []
    const answered = get().then((body) => order.push(body))
    await eventually(() => expect(held).toHaveLength(1))
    const closed = closeServer(server).then(() => order.push('closed'))
    held[0]?.()
    await Promise.all([answered, closed])
    expect(order).toEqual(['answered after all', 'closed'])
  })

  test('ends a connection that becomes idle later, while another request is under way', async () => {
    const { held, listener } = heldAnswer()
    const { server, get, connections } = await setup(listener)
    const answered = [get(), get()]
    await eventually(() => expect(held).toHaveLength(2))
    let ended = false
    const closed = closeServer(server).then(() => (ended = true))
    held[0]?.()
    await eventually(async () => expect(await connections()).toBe(1))
    expect(ended).toBe(false)
    held[1]?.()
    expect(await Promise.all(answered)).toEqual(['answered after all', 'answered after all'])
    await closed
  })

  test('takes no new connections from the start', async () => {
    const { held, listener } = heldAnswer()
    const { server, port, get } = await setup(listener)
    const answered = get()
    await eventually(() => expect(held).toHaveLength(1))
    const closed = closeServer(server)
    const late = connect(port, '127.0.0.1')
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    held[0]?.()
    await Promise.all([answered, closed])
  })
})
