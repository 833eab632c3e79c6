// IP addresses and networks as integers. Text is read as Go's net package reads it.

/** How many bits an address of a family has. */
export type AddressBits = 32 | 128

/** An IP address. */
export interface Address {
  readonly bits: AddressBits
  readonly value: bigint
}

/** A network: its first address and how many leading bits are fixed. */
export interface Network extends Address {
  readonly prefix: number
}

const MAPPED = 0xffffn << 32n

/** Reads an address; one that IPv6 maps from IPv4 is the IPv4 address. Undefined when the text is none. */
export function readAddress(text: string): Address | undefined {
  const raw = readRaw(text)
  if (raw === undefined || raw.bits === 32 || raw.value >> 32n !== 0xffffn) return raw
  return { bits: 32, value: raw.value - MAPPED }
}

function readRaw(text: string): Address | undefined {
  const value = text.includes(':') ? readV6(text) : readV4(text)
  return value === undefined ? undefined : { bits: text.includes(':') ? 128 : 32, value }
}

/** Reads a network in CIDR notation; undefined when the text is none. The address need not be the first one. */
export function readNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const raw = slash < 0 ? undefined : readRaw(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (raw === undefined || !/^[0-9]+$/.test(length) || Number(length) > raw.bits) return undefined
  const prefix = Number(length)
  if (raw.bits === 128 && raw.value >> 32n === 0xffffn && prefix >= 96) {
    return { bits: 32, value: firstOf(raw.value - MAPPED, 32, prefix - 96), prefix: prefix - 96 }
  }
  return { bits: raw.bits, value: firstOf(raw.value, raw.bits, prefix), prefix }
}

function firstOf(value: bigint, bits: AddressBits, prefix: number): bigint {
  const host = BigInt(bits - prefix)
  return (value >> host) << host
}

/** The last address of a network. */
export function lastOf(network: Network): bigint {
  return network.value + (1n << BigInt(network.bits - network.prefix)) - 1n
}

/** Whether an address is in a network. */
export function contains(network: Network, address: Address): boolean {
  if (network.bits !== address.bits) return false
  return address.value >= network.value && address.value <= lastOf(network)
}

/** An address as it is written: IPv6 as RFC 5952 has it. */
export function addressText(address: Address): string {
  if (address.bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (address.value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => Number((address.value >> BigInt(112 - 16 * i)) & 0xffffn))
  let best = { at: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (groups[i + length] === 0) length++
    if (length > best.length) best = { at: i, length }
  }
  const hex = groups.map((group) => group.toString(16))
  if (best.at < 0) return hex.join(':')
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`
}

function readV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function readV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = '', tail] = halves
  const left = readGroups(head, tail === undefined)
  const right = tail === undefined ? [] : readGroups(tail, true)
  if (left === undefined || right === undefined) return undefined
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...left, ...new Array<bigint>(missing).fill(0n), ...right]
  return groups.reduce((value, group) => (value << 16n) | group, 0n)
}

function readGroups(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: bigint[] = []
  for (const [i, part] of parts.entries()) {
    if (isLast && i === parts.length - 1 && part.includes('.')) {
      const v4 = readV4(part)
      if (v4 === undefined) return undefined
      groups.push(v4 >> 16n, v4 & 0xffffn)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
    else return undefined
  }
  return groups
}
