import type { Server } from 'node:http'
import { HooklineError } from '#libs/contract'

export interface ListenOptions {
  host: string
  port: number
  /** Name of the setting that moves the port, for the error text. */
  setting: string
}

/** Listens and resolves with the port; a port in use is an error with the fix. */
export function listen(server: Server, { host, port, setting }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? 'is in use by another program'
          : `can't be opened (${cause.code ?? cause.message})`
      reject(
        new HooklineError(
          'config_invalid',
          `Port ${port} on ${host} ${why}. Set ${setting} to another port.`,
          { cause },
        ),
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/**
 * Stops accepting, lets requests under way finish, and closes idle keep-alive connections as they appear.
 * What is left after `graceMs` is cut: to Node a connection that never sent anything is not idle.
 */
export function closeServer(server: Server, graceMs = 5000): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearInterval(idle)
      clearTimeout(deadline)
      resolve()
    })
    server.closeIdleConnections()
  })
}
