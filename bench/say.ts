import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on PORT, or on any that is free, and prints where. */
export function say(server: Server): void {
  server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
  })
}

/** As above, for an application of Express. */
export function serve(listener: RequestListener): void {
  say(createServer(listener))
}
