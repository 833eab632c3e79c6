// Where a forward leads, in one way to write it: what is judged is what the host gets, and what the host makes of it.
import { isIPv4, isIPv6 } from 'node:net'
import type { Place } from './forward.ts'

const hostCharsMax = 255
const labelCharsMax = 63
const portMax = 65_535
const originCharsMax = 64
const originMarks: ReadonlySet<string> = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:_%-')

/**
 * The place that a client asks to be connected to, its host in lower case and addresses as they are printed. Undefined for
 * what hosts read in another way than it stands: resolvers take `0x7f.1` for an address, and port 65558 for 22.
 */
export function placeOf({ host, port }: Place): Place | undefined {
  if (!Number.isInteger(port) || port < 1 || port > portMax) return undefined
  const name = hostOf(host)
  return name === undefined ? undefined : { host: name, port }
}

/** True for where a host may be asked to listen: the port is one, or 0 for any; the address is an address or a name. */
export function mayListen({ host, port }: Place): boolean {
  const isPort = Number.isInteger(port) && port >= 0 && port <= portMax
  return isPort && (host === '' || host === '*' || hostOf(host) !== undefined)
}

/**
 * Whence a connection comes, as the other side is told: an address or a word, and a port. What else stands there ends in
 * logs and on terminals.
 */
export function originOf({ host, port }: Place): Place {
  const isWord = host.length > 0 && host.length <= originCharsMax && [...host].every((mark) => originMarks.has(mark))
  return { host: isWord ? host : '0.0.0.0', port: port <= portMax ? port : 0 }
}

function hostOf(host: string): string | undefined {
  if (host.length === 0 || host.length > hostCharsMax) return undefined
  if (isIPv4(host)) return host
  if (host.includes(':')) return addressOf(host)
  const labels = host.toLowerCase().split('.')
  const last = labels.at(-1) ?? ''
  // A name that ends in a number is an address to resolvers, if in another base.
  if (isNumber(last) || !labels.every(isLabel)) return undefined
  return labels.join('.')
}

/** An IPv6 address as URLs print it; one that only holds an IPv4 address is that one. */
function addressOf(host: string): string | undefined {
  if (!isIPv6(host) || host.includes('%')) return undefined
  const printed = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const mapped = '::ffff:'
  if (!printed.startsWith(mapped)) return printed
  const [high = '', low = ''] = printed.slice(mapped.length).split(':')
  const [left, right] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${left >> 8}.${left & 255}.${right >> 8}.${right & 255}`
}

function isNumber(label: string): boolean {
  const digits = label.startsWith('0x') ? label.slice(2) : label
  const set = label.startsWith('0x') ? '0123456789abcdef' : '0123456789'
  return [...digits].every((mark) => set.includes(mark))
}

function isLabel(label: string): boolean {
  if (label === '' || label.length > labelCharsMax) return false
  return [...label].every((mark) => '0123456789abcdefghijklmnopqrstuvwxyz-_'.includes(mark))
}
