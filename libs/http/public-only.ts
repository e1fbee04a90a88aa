import { lookup as resolve } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { AxiosRequestConfig } from 'axios'
import { ApiError } from '#libs/contract'

/** Not of the public internet: RFC 6890 and its successors. */
const privateNets = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  privateNets.addSubnet(net, bits, 'ipv4')
/** In IPv6 only 2000::/3 is public; of it, addresses that carry an IPv4 one could lead anywhere. */
const publicNet = new BlockList()
publicNet.addSubnet('2000::', 3, 'ipv6')
const carriers = new BlockList()
carriers.addSubnet('2002::', 16, 'ipv6')
carriers.addSubnet('2001::', 32, 'ipv6')

/** True for an address that anybody on the internet could reach. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !privateNets.check(address, 'ipv4')
  return publicNet.check(address, 'ipv6') && !carriers.check(address, 'ipv6')
}

/** Makes a request go to public addresses only; the address that was checked is the one connected to. */
export function publicOnly(url: string): Pick<AxiosRequestConfig, 'lookup' | 'proxy'> {
  const { hostname } = new URL(url)
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !isPublic(literal)) throw notPublic(hostname)
  return {
    proxy: false,
    lookup: async (name: string) => {
      const { address, family } = await resolve(name)
      if (!isPublic(address)) throw notPublic(name)
      return [address, family === 6 ? 6 : 4]
    },
  }
}

function notPublic(host: string): ApiError {
  return new ApiError(
    'api_rejected',
    `The content is at ${host}, an address of a private network. It is not fetched: whoever sent it could have chosen the address.`,
    { neverSent: true },
  )
}
