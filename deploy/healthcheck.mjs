// Healthy when the process of this container answers: a container runs one of them, each has its own port.
// It asks whether the process runs, not whether Redis does: an ingress without Redis is well, and working.
import { get } from 'node:http'

const { INGRESS_PORT, WORKER_PORT, CONSOLE_PORT, EMULATOR_PORT } = process.env
const addresses = [
  `http://127.0.0.1:${INGRESS_PORT || 3000}/healthz`,
  `http://127.0.0.1:${WORKER_PORT || 3003}/healthz`,
  `http://127.0.0.1:${CONSOLE_PORT || 3001}/healthz`,
  `http://127.0.0.1:${EMULATOR_PORT || 3002}/__emulator`,
]

function ask(address) {
  return new Promise((resolve, reject) => {
    const request = get(address, { timeout: 3000 }, (response) => {
      response.resume()
      if (response.statusCode === 200) resolve()
      else reject(new Error(`${address} answered ${response.statusCode}`))
    })
    request.on('timeout', () => request.destroy(new Error(`${address} did not answer`)))
    request.on('error', reject)
  })
}

try {
  await Promise.any(addresses.map(ask))
} catch (error) {
  console.error(error.errors.map(({ message }) => message).join('; '))
  process.exitCode = 1
}
