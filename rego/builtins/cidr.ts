// net.cidr_*: networks that contain, overlap, expand and merge.
import { isArray, isObject, isSet, RegoSet, type Value } from '../value/index.ts'
import { type Address, addressText, contains, lastOf, type Network, readAddress, readNetwork } from './address.ts'
import { type Builtin, BuiltinError, elementsOf, operandTypeError } from './contract.ts'
import { anyOperand, stringOperand } from './operands.ts'

/** How many addresses a network may be expanded to. */
const EXPAND_MAX = 1 << 20

/** The built-ins on networks by name. */
export const cidr: Readonly<Record<string, Builtin>> = {
  'net.cidr_is_valid': (_, [text = null]) => typeof text === 'string' && readNetwork(text) !== undefined,
  'net.cidr_contains': (_, args) => containsText(stringOperand(args, 1), stringOperand(args, 2)),
  'net.cidr_overlap': (_, args) => containsText(stringOperand(args, 1), stringOperand(args, 2)),
  'net.cidr_intersects': (_, args) => {
    const [a, b] = [network(stringOperand(args, 1)), network(stringOperand(args, 2))]
    return contains(a, b) || contains(b, a)
  },
  'net.cidr_contains_matches': (context, args) => {
    const [outer, inner] = [named(anyOperand(args, 1)), named(anyOperand(args, 2))]
    const found = new RegoSet()
    for (const [outerName, outerItem] of outer) {
      const outerText = matched(outerItem, 1)
      context.spend(1 + inner.length)
      for (const [innerName, innerItem] of inner) {
        const innerText = matched(innerItem, 2)
        if (typeof outerText !== 'string') throw operandTypeError(1, outerText, 'string')
        if (typeof innerText !== 'string') throw operandTypeError(2, innerText, 'string')
        if (containsText(outerText, innerText)) found.add([outerName, innerName])
      }
    }
    return found
  },
  'net.cidr_expand': (context, args) => {
    const expanded = network(stringOperand(args, 1))
    const size = lastOf(expanded) - expanded.value + 1n
    if (size > BigInt(EXPAND_MAX)) throw refused('network beyond the limit')
    context.spend(Number(size))
    const addresses = new RegoSet()
    for (let i = 0n; i < size; i++) addresses.add(addressText({ bits: expanded.bits, value: expanded.value + i }))
    return addresses
  },
  'net.cidr_merge': (context, args) => {
    const elements = elementsOf(anyOperand(args, 1))
    if (elements === undefined) throw refused('operand must be an array')
    context.spend(elements.length * 16)
    return new RegoSet(merged(elements.map(rangeOf)))
  },
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

function network(text: string): Network {
  const read = readNetwork(text)
  if (read === undefined) throw refused(`invalid CIDR address: ${text}`)
  return read
}

function containsText(outerText: string, innerText: string): boolean {
  const outer = network(outerText)
  const address = readAddress(innerText)
  if (address !== undefined) return contains(outer, address)
  const inner = readNetwork(innerText)
  if (inner === undefined) {
    throw refused(`not a valid textual representation of an IP address or CIDR: ${innerText}`)
  }
  return contains(outer, inner) && contains(outer, { bits: inner.bits, value: lastOf(inner) })
}

/** The networks of an operand, each with what it is called in the answer. */
function named(operand: Value): (readonly [Value, Value])[] {
  if (typeof operand === 'string') return [[operand, operand]]
  if (isArray(operand)) return operand.map((item, i) => [i, item])
  if (isSet(operand)) return operand.items().map((item) => [item, item])
  return isObject(operand) ? [...operand.entries()] : []
}

/** What is to be matched of an element: the text that it is, or the first item of the list that it is. */
function matched(item: Value, position: number): Value {
  const text = isArray(item) ? item[0] : typeof item === 'string' ? item : undefined
  if (text === undefined) throw refused(`operand ${position}: element must be string or non-empty array`)
  return text
}

/** Addresses in a row. `text` is how the network is written while nothing was merged into it. */
interface Range {
  readonly bits: 32 | 128
  readonly first: bigint
  readonly last: bigint
  readonly text: string | undefined
}

function rangeOf(element: Value): Range {
  if (typeof element !== 'string') throw refused('element must be string')
  const address = readAddress(element)
  if (address?.bits === 128) throw refused('IPv6 invalid: needs prefix length')
  const prefix = address === undefined ? undefined : classPrefix(address)
  const read = address === undefined ? network(element) : network(`${addressText(address)}/${prefix}`)
  return { bits: read.bits, first: read.value, last: lastOf(read), text: networkText(address ?? read, read.prefix) }
}

/** An address without a prefix is a network of its class. */
function classPrefix(address: Address): number {
  const first = Number(address.value >> 24n)
  if (first < 128) return 8
  if (first < 192) return 16
  if (first < 224) return 24
  throw refused(`no default mask for ${addressText(address)}`)
}

function networkText(address: Address, prefix: number): string {
  return `${addressText(address)}/${prefix}`
}

/** Networks in a row become as few as say the same. */
function merged(ranges: readonly Range[]): string[] {
  const sorted = [...ranges].sort((a, b) => a.bits - b.bits || order(a.last, b.last) || order(a.first, b.first))
  const stack: Range[] = []
  for (const range of sorted) {
    let current = range
    for (let before = stack.at(-1); before !== undefined; before = stack.at(-1)) {
      if (before.bits !== current.bits || current.first - 1n > before.last) break
      stack.pop()
      const first = order(before.first, current.first) < 0 ? before.first : current.first
      current = { bits: current.bits, first, last: current.last, text: undefined }
    }
    stack.push(current)
  }
  return stack.flatMap((range) => (range.text === undefined ? cover(range) : [range.text]))
}

function order(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** The fewest networks that are exactly the range. */
function cover(range: Range): string[] {
  const networks: string[] = []
  for (let first = range.first; first <= range.last; ) {
    let host = 0
    while (
      host < range.bits &&
      (first >> BigInt(host)) % 2n === 0n &&
      first + (1n << BigInt(host + 1)) - 1n <= range.last
    ) {
      host++
    }
    networks.push(networkText({ bits: range.bits, value: first }, range.bits - host))
    first += 1n << BigInt(host)
  }
  return networks
}
