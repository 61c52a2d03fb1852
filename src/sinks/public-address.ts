import { type LookupAddress, lookup as machineLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

// Which addresses belong to the internet at large. A receiver of webhooks may be named by somebody who would like to reach what only this machine can
// reach: its own doors, its neighbours', or the metadata of the cloud that it runs in.

/** IPv4 addresses that are not for the internet at large (IANA's registry of special-purpose addresses, multicast and what is reserved). */
const SPECIAL_4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]
/** The same of IPv6, within what is given out at all: Teredo and its like, documentation, and 6to4, which holds an IPv4 address. */
const SPECIAL_6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]
/** Where IPv6 alone is spoken, a name server writes IPv4 addresses with this before them (RFC 6052). */
const NAT64 = '64:ff9b::'
const NAT64_BITS = 96

const special = new BlockList()
const given = new BlockList()
for (const [net, bits] of SPECIAL_4) {
  special.addSubnet(net, bits, 'ipv4')
  special.addSubnet(`${NAT64}${net}`, NAT64_BITS + bits, 'ipv6')
}
for (const [net, bits] of SPECIAL_6) special.addSubnet(net, bits, 'ipv6')
given.addSubnet('2000::', 3, 'ipv6')
given.addSubnet(NAT64, NAT64_BITS, 'ipv6')

/** False for what is no address. IPv4 within IPv6 (`::ffff:127.0.0.1`) is never public: no name server says it so. */
export function isPublic(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return !special.check(address, 'ipv4')
  return version === 6 && !address.includes('%') && given.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

/** A receiver is at no public address; `message` says what to do and names no address. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'

  constructor() {
    super(
      'The address leads to this machine or to a private network, where webhooks are not sent unless SINK_ALLOW_PRIVATE=true says so.',
    )
  }
}

/**
 * Looks names up as the machine does and lets public addresses through alone. The connection is made to one of those and nothing is looked up again, so
 * that a name server cannot say one thing to the check and another to the connection.
 */
export function publicOnly(lookup: typeof machineLookup = machineLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => {
      if (error) return callback(error, [])
      const open = found.filter(({ address }) => isPublic(address))
      const [first] = open
      if (first === undefined) return callback(new PrivateAddress(), [])
      if (options.all) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
}
