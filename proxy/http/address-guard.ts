// Where the gateway does not connect to for anybody: addresses at which a machine answers about itself. The address is
// checked as it was resolved for this very connection, so a name that answers differently the next time gains nothing.
import { lookup as lookupDns } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const refused = new BlockList()
const subnets: readonly (readonly [address: string, bits: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  // Link-local; 169.254.169.254 and 169.254.170.2 are the metadata services of clouds.
  ['169.254.0.0', 16, 'ipv4'],
  // Metadata services outside of the link-local range: Alibaba, Azure, Oracle.
  ['100.100.100.200', 32, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['192.0.0.192', 32, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['255.255.255.255', 32, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::', 32, 'ipv6'],
  ['fd20:ce::254', 128, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  // The same IPv4 ranges behind NAT64 (RFC 6052), 6to4 (RFC 3056) and as IPv4-compatible addresses.
  ['64:ff9b::a9fe:0', 112, 'ipv6'],
  ['64:ff9b::6464:64c8', 128, 'ipv6'],
  ['2002:a9fe::', 32, 'ipv6'],
  ['::a9fe:0', 112, 'ipv6'],
]
for (const [address, bits, family] of subnets) refused.addSubnet(address, bits, family)

/** Whether an address is one that upstreams may not have unless a resource says so. */
export function isRefusedAddress(address: string): boolean {
  const [plain = ''] = address.split('%')
  const family = isIP(plain)
  return family === 0 || refused.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** The address that a name resolved to is one that is not connected to. */
export class RefusedAddress extends Error {}

/** A look-up for one connection; fails when any address of the name is refused, not only the first. */
export function guardLookup(lookup: typeof lookupDns): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0)
        return
      }
      const [first] = found
      if (first === undefined || found.some(({ address }) => isRefusedAddress(address))) {
        callback(new RefusedAddress('the name resolves to an address that is not connected to'), '', 0)
        return
      }
      if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

/** The look-up of the machine, guarded. */
export const guardedLookup: LookupFunction = guardLookup(lookupDns)
